import { prefixed, trainingStep, under } from "../step.ts";
import type { StepSource } from "../step.ts";
import { scalarsAt } from "../initial.ts";
import { stream } from "../streams.ts";
import type { Arrays } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import { rowDraw, type RowDraw } from "./draw.ts";
import { elementsOf, noiseOf, type Element } from "./grid.ts";
import { type Check, many, type Outcome, percent, skip, unlessKnown } from "./outcome.ts";
import { bitsProblem, coupledBitsProblem, oneOfFourProblem, type CheckProblem } from "./problems.ts";
import { type Choice, choicesOf, tries } from "./regions.ts";
import { map, moved, seed, sourceOf, type Subject } from "./subject.ts";
import { truthOf, norm } from "./truth.ts";

/**
 * The exact expectation at B = 1 and a state that is not zero, one call a combination of regions: a state that knows of
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

interface Expectation {
  readonly mean: Float64Array;
  readonly size: number;
  readonly constant: boolean;
}

async function expectation(
  draw: RowDraw,
  elements: readonly Element[],
  choices: readonly Choice[],
): Promise<Expectation> {
  const total = choices.reduce((n, { regions }) => n * regions.length, 1);
  const mean = new Float64Array(draw.decoderFrom);
  let size = 0;
  let constant = true;
  for (let combination = 0; combination < total; combination++) {
    let rest = combination;
    const chosen = choices.map(({ elements: own, regions }) => {
      const region = regions[rest % regions.length]!;
      rest = Math.floor(rest / regions.length);
      return { own, region };
    });
    const at = async (point: number) => {
      const given = new Map(
        chosen.flatMap(({ own, region }) => own.map((e, i) => [e, region.points[point]![i]!] as const)),
      );
      const noise = noiseOf(elements, 1, (_, e) => given.get(e)!);
      return Array.from(await draw.run(() => undefined, noise));
    };
    const weight = chosen.reduce((w, { region }) => w * region.weight, 1);
    const values = await at(0);
    for (let point = 1; point < tries && constant; point++) {
      const others = await at(point);
      constant = values.every((x, k) => Math.abs(x - others[k]!) <= 1e-5 * (1 + Math.abs(x)));
    }
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
  const [site] = source.task.sites;
  const choices = choicesOf(elements, site!, source.initial.parameters["logits"]!.values);
  if (!choices) return `its uniforms on ${problem.name} belong to no variable`;
  const combinations = choices.reduce((n, { regions }) => n * regions.length, 1);
  if (tries * combinations > mostCalls)
    return `${many(elements.length, "uniform")} on ${problem.name} are too many`;
  const found = await expectation(draw, elements, choices);
  if (!found.constant) return `it is not constant where the outcomes of ${problem.name} are`;
  const { gradient, decoderFrom } = await truthOf(subject, problem);
  return judge(subject, problem, found, gradient.slice(0, decoderFrom), combinations);
}

export const state: Check = {
  name: "state",
  doc: "its exact expectation with one row and a state that is not zero is the gradient",
  async run(subject, before) {
    const [any] = subject.admitted;
    if (!any) return skip("no problem admits it");
    const { initial } = await sourceOf(subject, any, 1);
    if (Object.keys(initial.state).length === 0) return skip("it has no state");
    const admitted = [coupledBitsProblem, bitsProblem, oneOfFourProblem].filter((problem) =>
      subject.admitted.includes(problem),
    );
    if (admitted.length === 0)
      return skip("not applicable: it meets neither a single layer of bits nor one variable");
    const reasons: string[] = [];
    for (const problem of admitted) {
      const outcome = await judgeOn(subject, problem);
      if (typeof outcome !== "string") return unlessKnown(outcome, before);
      reasons.push(outcome);
    }
    return skip(`not applicable: ${reasons.join("; ")}`);
  },
};
