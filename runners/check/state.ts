import { prefixed, trainingStep, under } from "../step.ts";
import type { StepSource } from "../step.ts";
import { scalarsAt } from "../initial.ts";
import { stream } from "../streams.ts";
import type { Arrays } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import { cellsOf } from "./cells.ts";
import { rowDraw, type RowDraw } from "./draw.ts";
import { elementsOf, noiseOf, type Element } from "./grid.ts";
import { type Check, many, type Outcome, percent, skip, unlessKnown } from "./outcome.ts";
import { bitsProblem, coupledBitsProblem, type CheckProblem } from "./problems.ts";
import { map, moved, seed, sourceOf, type Subject } from "./subject.ts";
import { truthOf, norm } from "./truth.ts";

/**
 * The exact expectation at B = 1 and a state that is not zero, one call a combination of cells: a state that knows of
 * the current step biases by a share of 1/B, which no draw by the thousand sees. Nothing here is random.
 */
const mostCalls = 800;
/** Of the mean size of a draw. */
const tolerance = 2e-6;

/** Runs some steps at fixed task parameters; own parameters and state as they are then. */
export async function settle(
  engine: Engine,
  source: StepSource,
  steps: number,
): Promise<{ own: Arrays; state: Arrays }> {
  const { task } = source;
  const trainer = await engine.train(trainingStep(source).training);
  const batch = prefixed(
    "batch",
    task.gather(
      "train",
      Int32Array.from({ length: task.rows }, (_, i) => i),
    ),
  );
  const scalars = scalarsAt(source);
  const zero = { shape: [], values: Float32Array.of(0) };
  for (let t = 0; t < steps; t++)
    await trainer.step(
      { ...batch, ...scalars(t), rate: zero },
      stream("check settles", task.name, seed, t),
      false,
    );
  const plain = (arrays: Arrays, prefix: string) => under(prefix, arrays as never) as unknown as Arrays;
  const found = { own: plain(trainer.parameters(), "own"), state: plain(trainer.state(), "state") };
  trainer.dispose();
  return found;
}

/** P(z = 1) of each element's variable, or nothing where an element belongs to none. */
function probabilities(elements: readonly Element[], logits: Float32Array): number[] | undefined {
  const found = elements.map(({ of, index }) => {
    const D = of.shape.at(-1);
    return D === logits.length ? 1 / (1 + Math.exp(-logits[index % D]!)) : undefined;
  });
  return found.every((x) => x !== undefined) ? found : undefined;
}

interface Expectation {
  readonly mean: Float64Array;
  readonly size: number;
  readonly constant: boolean;
}

async function expectation(
  draw: RowDraw,
  elements: readonly Element[],
  ps: readonly number[],
): Promise<Expectation> {
  const cuts = ps.map((p) => cellsOf([0, Math.min(p, 1 - p), Math.max(p, 1 - p), 1]));
  const total = 3 ** elements.length;
  const mean = new Float64Array(draw.decoderFrom);
  let size = 0;
  let constant = true;
  const at = (row: number, e: number) => cuts[e]![Math.floor(row / 3 ** e) % 3]!;
  const run = (row: number, within: number) =>
    draw.run(
      () => undefined,
      noiseOf(elements, 1, (_, e) => at(row, e).low + within * at(row, e).width),
    );
  for (let row = 0; row < total; row++) {
    const weight = elements.reduce((w, _, e) => w * at(row, e).width, 1);
    const values = Array.from(await run(row, 0.5));
    const others = await run(row, row % 2 === 0 ? 0.05 : 0.9);
    constant &&= values.every((x, k) => Math.abs(x - others[k]!) <= 1e-5 * (1 + Math.abs(x)));
    mean.forEach((_, k) => {
      mean[k]! += weight * values[k]!;
    });
    size += weight * norm(values, 0, draw.decoderFrom);
  }
  return { mean, size, constant };
}

function judge(
  subject: Subject,
  problem: CheckProblem,
  found: Expectation,
  truth: Float64Array,
  calls: number,
): Outcome {
  const { mean, size } = found;
  const scale = norm(truth);
  const direction = subject.estimator.claims.unbiased === "direction";
  const factor = direction ? mean.reduce((s, x, k) => s + x * truth[k]!, 0) / scale ** 2 : 1;
  const error = norm(mean.map((x, k) => x - factor * truth[k]!));
  const numbers = { error: error / scale, factor, calls };
  const along = direction ? `, factor ${factor.toPrecision(4)}` : "";
  const said = `${percent(error / scale)} of the gradient's norm off on ${problem.name}, ${calls} combinations${along}`;
  if (subject.estimator.claims.unbiased === false)
    return { state: "pass", detail: `${said}, as claimed or less`, numbers };
  return error <= tolerance * Math.max(size, scale) && factor > 0
    ? { state: "pass", detail: `one row and a state that is not zero: ${said}`, numbers }
    : {
        state: "fail",
        detail: `with one row and a state that is not zero the expectation must be the exact gradient, got ${said}`,
        numbers,
      };
}

async function judgeOn(subject: Subject, problem: CheckProblem): Promise<Outcome | string> {
  const start = await sourceOf(subject, problem, 1);
  const source = { ...start, initial: { ...start.initial, own: moved(start) } };
  const { state } = await settle(subject.engine, source, 3);
  const nonzero = map(state, (x) => (x === 0 ? 0.25 : x));
  const draw = await rowDraw(subject.engine, { ...source, initial: { ...source.initial, state: nonzero } });
  await draw.run((_name, out) => out.fill(0.5));
  const elements = elementsOf(draw);
  const ps = probabilities(elements, source.initial.parameters["logits"]!.values);
  if (!ps) return `its uniforms on ${problem.name} belong to no variable`;
  if (2 * 3 ** elements.length > mostCalls)
    return `${many(elements.length, "uniform")} on ${problem.name} are too many`;
  const found = await expectation(draw, elements, ps);
  if (!found.constant) return "it is not constant between p and 1 − p";
  const { gradient, decoderFrom } = await truthOf(subject, problem);
  return judge(subject, problem, found, gradient.slice(0, decoderFrom), 3 ** elements.length);
}

export const state: Check = {
  name: "state",
  doc: "its exact expectation with one row and a state that is not zero is the gradient",
  async run(subject, before) {
    const [any] = subject.admitted;
    if (!any) return skip("no problem admits it");
    const { initial } = await sourceOf(subject, any, 1);
    if (Object.keys(initial.state).length === 0) return skip("it has no state");
    const admitted = [coupledBitsProblem, bitsProblem].filter((problem) =>
      subject.admitted.includes(problem),
    );
    if (admitted.length === 0)
      return skip("not applicable: it meets no Bernoulli variable (Gumbel noise has no cells)");
    const reasons: string[] = [];
    for (const problem of admitted) {
      const outcome = await judgeOn(subject, problem);
      if (typeof outcome !== "string") return unlessKnown(outcome, before);
      reasons.push(outcome);
    }
    return skip(`not applicable: ${reasons.join("; ")}`);
  },
};
