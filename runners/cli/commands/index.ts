/** The verbs, in the order of the help. */
import { bank } from "./bank.ts";
import { check } from "./check.ts";
import { compare } from "./compare.ts";
import { completion } from "./completion.ts";
import { data } from "./data.ts";
import { doctor } from "./doctor.ts";
import { info } from "./info.ts";
import { list } from "./list.ts";
import { merge } from "./merge.ts";
import { scaffold } from "./new.ts";
import { reproduce } from "./reproduce.ts";
import { report } from "./report.ts";
import { run } from "./run.ts";
import { show } from "./show.ts";
import { variance } from "./variance.ts";
import { widget } from "./widget.ts";
import type { Verb } from "./command.ts";

export const verbs: readonly Verb[] = [
  run,
  variance,
  bank,
  check,
  report,
  compare,
  widget,
  reproduce,
  list,
  info,
  scaffold,
  show,
  merge,
  data,
  doctor,
  completion,
];
