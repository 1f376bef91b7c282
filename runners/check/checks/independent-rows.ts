/**
 * A row's gradient depends neither on the order of rows nor on their number: the rows of a batch are compared with the same
 * rows in another order and alone, each with the same uniforms. A state may combine the rows of its batch (whether that
 * biases the gradient is for the check "state"), so with a state the rows of the batch are equal. Nothing is random: there
 * are no error rates, and the tolerance covers sums in another order.
 */
import { plural } from "../../../reports/aggregate/numbers.ts";
import { type TrainingSetup, withValues } from "../../train/training-setup.ts";
import { stream } from "../../train/noise-streams.ts";
import { rowDraw, type RowDraw } from "../gradient-draw.ts";
import { type Check, fail, pass } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { fittedValues } from "../short-training.ts";
import { hasState, movedStepOn, seed, stepOn, type Subject } from "../subject.ts";

const rows = 4;
/** Another order of the rows. */
const order = [2, 0, 3, 1];
/** Of the largest entry. */
const tolerance = 1e-5;

/** Opens the step with the same parameters and state for every number of rows; a state per row stays as it starts. */
async function stepsOn(
  subject: Subject,
  problem: CheckProblem,
): Promise<(rows: number) => Promise<TrainingSetup>> {
  const one = await movedStepOn(subject, problem, 1);
  const { estimatorParameters } = one.initial;
  const stateful = Object.keys(one.initial.state).length > 0;
  const { state } = stateful ? await fittedValues(subject.engine, one, 3) : one.initial;
  return async (rowsOfStep) => {
    const setup = await stepOn(subject, problem, rowsOfStep);
    const fits = Object.entries(setup.initial.state).every(
      ([name, { values }]) => state[name]?.values.length === values.length,
    );
    return withValues(setup, fits ? { estimatorParameters, state } : { estimatorParameters });
  };
}

/** Draws a batch and returns its gradients row by row. Row b gets the uniforms of number `noiseRows[b]`. */
async function rowDrawer(subject: Subject, problem: CheckProblem) {
  const open = await stepsOn(subject, problem);
  const fill = stream("check rows", problem.name, seed);
  const opened = new Map<number, RowDraw>();
  return async (noiseRows: readonly number[]): Promise<number[][]> => {
    const count = noiseRows.length;
    const draw = opened.get(count) ?? (await rowDraw(subject.engine, await open(count)));
    opened.set(count, draw);
    const values = await draw.run((name, out) => {
      const all = new Float32Array((out.length / count) * rows); // [S, rows, ...]
      fill(name, all);
      const width = out.length / count / draw.uniforms.get(name)!.shape[0]!;
      for (let at = 0; at < out.length; at += width) {
        const [sample, row] = [Math.floor(at / width / count), noiseRows[(at / width) % count]!];
        const from = (sample * rows + row) * width;
        out.set(all.subarray(from, from + width), at);
      }
    });
    const width = values.length / count;
    return noiseRows.map((_, b) => Array.from(values.slice(b * width, (b + 1) * width)));
  };
}

/** The largest difference, relative to the largest entry. */
function distance(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const scale = Math.max(1e-30, ...a.flat().map(Math.abs));
  return Math.max(...a.flatMap((row, i) => row.map((x, k) => Math.abs(x - b[i]![k]!)))) / scale;
}

const advice = "See means, sums and norms over the axis of rows.";

export const independentRows: Check = {
  name: "independent-rows",
  async run(subject) {
    let worst = 0;
    const stateful = await hasState(subject);
    for (const problem of subject.admitted) {
      const draw = await rowDrawer(subject, problem);
      const batch = await draw(order.toSorted());
      const reordered = distance(
        order.map((i) => batch[i]!),
        await draw(order),
      );
      if (!(reordered <= tolerance))
        return fail(
          `Rows in another order have other gradients on ${problem.name}, ${reordered.toExponential(1)} of the largest entry apart. ${advice}`,
        );
      const together = stateful ? await draw(Array.from({ length: rows }, () => 0)) : batch;
      for (let b = 0; b < (stateful ? 1 : rows); b++) {
        const alone = distance([together[b]!], await draw([b]));
        if (!(alone <= tolerance))
          return fail(
            `A row alone has another gradient than among ${rows} on ${problem.name}, ${alone.toExponential(1)} of the largest entry apart. ${advice}`,
          );
        worst = Math.max(worst, reordered, alone);
      }
    }
    const among = stateful ? "among equal rows, as it has a state," : `among ${rows}`;
    return pass(
      `A row has the same gradient alone as ${among} and in another order; at most ${worst.toExponential(1)} of the largest entry apart on ${plural(subject.admitted.length, "problem")}.`,
    );
  },
};
