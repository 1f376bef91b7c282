import { fillUniform, key } from "../../../tasks/noise.ts";
import { withValues, type TrainingSetup } from "../../train/training-setup.ts";
import { rowDraw } from "../gradient-draw.ts";
import { elementsOf, noiseOf, type Element } from "../exact/noise-grid.ts";
import { type Check, fail, many, pass, skip } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { fitted } from "./state.ts";
import { moved, seed, sourceOf, type Subject } from "../subject.ts";

/** Rows of the batch, and another order of them. */
const rows = 4;
const order = [2, 0, 3, 1];
/** Of the largest entry: batches of other sizes add up in another order. */
const tolerance = 1e-5;

/** The same parameters and state at every number of rows; a state that counts rows stays as it starts. */
async function opener(
  subject: Subject,
  problem: CheckProblem,
): Promise<(rows: number) => Promise<TrainingSetup>> {
  const one = await sourceOf(subject, problem, 1);
  const estimatorParameters = moved(one);
  const { state } = await fitted(subject.engine, withValues(one, { estimatorParameters }), 3);
  return async (wanted) => {
    const source = await sourceOf(subject, problem, wanted);
    const fits = Object.entries(source.initial.state).every(
      ([name, { values }]) => state[name]?.values.length === values.length,
    );
    return withValues(source, { estimatorParameters, ...(fits && { state }) });
  };
}

type Draw = (rowsOfNoise: readonly number[]) => Promise<number[][]>;

/** The gradients of a batch whose rows meet the noise of these rows. */
function drawer(
  subject: Subject,
  open: (rows: number) => Promise<TrainingSetup>,
  problem: CheckProblem,
): Draw {
  let elements: readonly Element[] | undefined;
  const uniforms = new Float32Array(1e5);
  fillUniform(key("check rows", problem.name, seed), uniforms);
  return async (noisy) => {
    const draw = await rowDraw(subject.engine, await open(noisy.length));
    if (!elements) {
      await draw.run((_name, out) => out.fill(0.5));
      elements = elementsOf(draw);
    }
    const n = elements.length;
    const noise = noiseOf(
      elements,
      noisy.length,
      (row, e) => uniforms[(noisy[row]! * n + e) % uniforms.length]!,
    );
    const values = Array.from(await draw.run(() => undefined, noise));
    const width = draw.labels.length;
    return noisy.map((_, b) => values.slice(b * width, (b + 1) * width));
  };
}

function apart(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const scale = Math.max(1e-30, ...a.flat().map(Math.abs));
  return Math.max(...a.flatMap((row, i) => row.map((x, k) => Math.abs(x - b[i]![k]!)))) / scale;
}

export const rowsCheck: Check = {
  name: "rows",
  doc: "a row's gradient depends neither on the order of rows nor on their number",
  async run(subject) {
    if (subject.admitted.length === 0) return skip("no problem admits it");
    let worst = 0;
    let stateful = false;
    for (const problem of subject.admitted) {
      const open = await opener(subject, problem);
      stateful = Object.keys((await open(1)).initial.state).length > 0;
      const draw = drawer(subject, open, problem);
      const batch = await draw(order.toSorted());
      const shuffled = await draw(order);
      const moves = apart(
        order.map((i) => batch[i]!),
        shuffled,
      );
      if (!(moves <= tolerance))
        return fail(
          `another order of rows must only reorder the gradients, got ${moves.toExponential(1)} apart on ${problem.name}`,
        );
      // A state may know its batch (whether that biases, `state` tells); of equal rows it knows what one row says.
      const whole = stateful ? await draw(Array.from({ length: rows }, () => 0)) : batch;
      for (let b = 0; b < (stateful ? 1 : rows); b++) {
        const alone = apart([whole[b]!], await draw([b]));
        if (!(alone <= tolerance))
          return fail(
            `a row alone must have the gradient that it has among ${rows}, got ${alone.toExponential(1)} apart on ${problem.name}`,
          );
        worst = Math.max(worst, moves, alone);
      }
    }
    const how = stateful
      ? "a row alone as among equal ones (it has a state)"
      : `a row alone as among ${rows}`;
    return pass(
      `reordered rows give reordered gradients, ${how}; at most ${worst.toExponential(1)} apart on ${many(subject.admitted.length, "problem")}`,
    );
  },
};
