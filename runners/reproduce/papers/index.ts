/** The papers that `bench reproduce` knows. */
import { ahmed2023 } from "./ahmed2023.ts";
import { desmet2023 } from "./desmet2023.ts";
import { dong2020 } from "./dong2020.ts";
import { dong2021 } from "./dong2021.ts";
import { fifty2025 } from "./fifty2025.ts";
import { gu2015 } from "./gu2015.ts";
import { jang2016 } from "./jang2016.ts";
import { kool2020 } from "./kool2020.ts";
import { liu2023 } from "./liu2023.ts";
import { maddison2016 } from "./maddison2016.ts";
import type { PaperData } from "../paper.ts";
import { tucker2017 } from "./tucker2017.ts";

export const reproducible: readonly PaperData[] = [
  ...[ahmed2023, desmet2023, dong2020, dong2021, fifty2025, gu2015],
  ...[jang2016, kool2020, liu2023, maddison2016, tucker2017],
];
