/** The commands in the order of the help. */
import { bank } from "./bank.ts";
import { calibrate } from "./calibrate.ts";
import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { compare } from "./compare.ts";
import { completionOf } from "./completion.ts";
import { data } from "./data.ts";
import { doctor } from "./doctor.ts";
import { exportVectors } from "./export-vectors.ts";
import { info } from "./info.ts";
import { list } from "./list.ts";
import { merge } from "./merge.ts";
import { newPlugin } from "./new.ts";
import { publish } from "./publish.ts";
import { report } from "./report.ts";
import { reproduceCommand } from "./reproduce.ts";
import { run } from "./run.ts";
import { show } from "./show.ts";
import { variance } from "./variance.ts";
import { verify } from "./verify.ts";
import { widget } from "./widget.ts";

export const commands: readonly Command[] = [
  ...[run, variance, bank, check, calibrate, report, compare, publish, widget, reproduceCommand],
  ...[list, info, newPlugin, show, verify, merge, data, exportVectors, doctor, completionOf(() => commands)],
];
