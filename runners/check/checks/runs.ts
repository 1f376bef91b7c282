/**
 * The estimator runs on every problem that its claims admit, with finite gradients; a problem that it does not admit is
 * refused with a sentence. One draw of two rows on each problem: a failure is certain, there are no error rates.
 */
import { listed, plural } from "../../../reports/aggregate/numbers.ts";
import { messageOf } from "../../errors.ts";
import { stream } from "../../train/noise-streams.ts";
import { rowDraw } from "../gradient-draw.ts";
import { type Check, fail, joined, pass } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { seed, stepOn, type Subject } from "../subject.ts";

const isSentence = (why: string) => why.trim().split(/\s+/).length >= 5;

/** What goes wrong on a problem, or nothing. */
async function faultOn(subject: Subject, problem: CheckProblem): Promise<string[]> {
  try {
    const draw = await rowDraw(subject.engine, await stepOn(subject, problem, 2));
    const values = await draw.run(stream("check plays", problem.name, seed));
    return values.every(Number.isFinite) ? [] : [`${problem.name}: a gradient is not finite`];
  } catch (error) {
    return [`${problem.name}: ${messageOf(error)}`];
  }
}

export const runs: Check = {
  name: "runs",
  async run(subject) {
    const { admitted, refused } = subject;
    const mute = refused.find(({ why }) => !isSentence(why));
    if (mute)
      return fail(
        `It refuses ${mute.problem.name} with "${mute.why}", which is no sentence; see its function supports.`,
      );
    const reasons = joined(refused.map(({ why }) => why));
    if (admitted.length === 0)
      return fail(`Its claims admit none of the ${refused.length} problems: ${reasons}.`);
    const faults: string[] = [];
    for (const problem of admitted) faults.push(...(await faultOn(subject, problem)));
    if (faults.length > 0)
      return fail(
        `It fails on ${faults.length} of the ${plural(admitted.length, "problem")} that its claims admit; correct it or its claims. ${faults.join("; ")}`,
      );
    const names = listed(admitted.map(({ name }) => name));
    const rest = refused.length === 0 ? "" : ` It refuses ${plural(refused.length, "other")}: ${reasons}.`;
    return pass(`It runs on ${names}.${rest}`);
  },
};
