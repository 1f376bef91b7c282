/** The papers that `bench reproduce` knows. */
import { jang2016 } from "./jang2016.ts";
import { kool2020 } from "./kool2020.ts";
import { liu2023 } from "./liu2023.ts";
import type { PaperData } from "../paper.ts";
import { tucker2017 } from "./tucker2017.ts";

export const reproducible: readonly PaperData[] = [jang2016, kool2020, liu2023, tucker2017];
