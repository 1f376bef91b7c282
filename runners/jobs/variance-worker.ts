/** A child process that measures estimators for `bench variance`: it opens what its parent did, and answers by number. */
import { messageOf } from "../errors.ts";
import { measureInGroup, openVariance } from "../variance/variance-plan.ts";
import type { FromHelper, ToHelper } from "./variance-jobs.ts";

let opened: ReturnType<typeof openVariance> | undefined;
let given: Extract<ToHelper, { kind: "open" }> | undefined;

const say = (message: FromHelper) => {
  if (process.connected) process.send!(message, undefined, undefined, () => undefined);
};

/** A terminal sends its signals to all of a group: the parent decides. */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("disconnect", () => process.exit(0));

async function answer({ group, subject, reference }: Extract<ToHelper, { kind: "measure" }>): Promise<void> {
  const chosen = (await opened!).groups[group]!;
  say({
    kind: "row",
    row: await measureInGroup(chosen, chosen.estimators[subject]!, reference, given!.wanted.at),
  });
}

process.on("message", (message: ToHelper) => {
  if (message.kind === "open") {
    given = message;
    opened = openVariance(message.wanted);
    opened.catch(() => undefined); // Said when it is asked to measure.
  } else answer(message).catch((error: unknown) => say({ kind: "fault", message: messageOf(error) }));
});
