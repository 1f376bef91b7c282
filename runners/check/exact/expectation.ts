/** The exact expectation of a step with one row, over the regions of its noise in which all that is drawn stays the same. */
import type { SiteSpec } from "../../../estimators/estimator.ts";
import type { TrainingSetup } from "../../train/training-setup.ts";
import { rowDraw, type RowDraw } from "../gradient-draw.ts";
import { elementsOf, noiseOf, type Element } from "./noise-grid.ts";
import { many, type Outcome, percent, skip, unlessKnown } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { type Choice, choicesOf, tries } from "./regions.ts";
import type { Subject } from "../subject.ts";
import { enumerable, norm, truthOf } from "./true-gradient.ts";

const mostCalls = 2000;
/** Of the mean size of a draw. */
const tolerance = 2e-6;

const product = (choices: readonly Choice[]) => choices.reduce((n, { regions }) => n * regions.length, 1);

interface Expectation {
  readonly mean: Float64Array;
  readonly size: number;
}

/** One call a point of each combination of regions; nothing where the points of one differ. */
async function summed(
  draw: RowDraw,
  elements: readonly Element[],
  choices: readonly Choice[],
): Promise<Expectation | undefined> {
  const mean = new Float64Array(draw.decoderFrom);
  let size = 0;
  for (let combination = 0; combination < product(choices); combination++) {
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
    for (let point = 1; point < tries; point++) {
      const others = await at(point);
      if (!values.every((x, k) => Math.abs(x - others[k]!) <= 1e-5 * (1 + Math.abs(x)))) return undefined;
    }
    mean.forEach((_, k) => {
      mean[k]! += weight * values[k]!;
    });
    size += weight * norm(values, 0, draw.decoderFrom);
  }
  return { mean, size };
}

interface Judged {
  readonly problem: CheckProblem;
  readonly truth: Float64Array;
  readonly combinations: number;
  /** With what the step is taken, in words. */
  readonly given: string;
}

function judge(
  subject: Subject,
  { mean, size }: Expectation,
  { problem, truth, combinations, given }: Judged,
): Outcome {
  const scale = norm(truth);
  const direction = subject.estimator.claims.unbiased === "direction";
  const factor = direction ? mean.reduce((s, x, k) => s + x * truth[k]!, 0) / scale ** 2 : 1;
  const error = norm(mean.map((x, k) => x - factor * truth[k]!));
  const numbers = { error: error / scale, factor, calls: combinations };
  const along = direction ? `, factor ${factor.toPrecision(4)}` : "";
  const said = `${percent(error / scale)} of the gradient's norm off on ${problem.name}, ${combinations} combinations${along}`;
  if (subject.estimator.claims.unbiased === false)
    return { state: "pass", detail: `${said}, as claimed or less`, numbers };
  return error <= tolerance * Math.max(size, scale) && factor > 0
    ? { state: "pass", detail: `${given}: ${said}`, numbers }
    : {
        state: "fail",
        detail: `with ${given} the expectation must be the exact gradient, got ${said}`,
        numbers,
      };
}

/** Outcomes first; then, of categories, complete orders: where some are left out, the next in order wins. */
const depthsOf = ({ family, shape }: SiteSpec): number[] =>
  family.rank === 0 ? [1] : [...new Set([1, family.outcomes(shape) - 1])];

async function judgeOn(
  subject: Subject,
  problem: CheckProblem,
  { open, given }: { open: Opens; given: string },
): Promise<Outcome | string> {
  if (!(await enumerable(subject, problem))) return `too many tuples to enumerate on ${problem.name}`;
  const source = await open(problem);
  const draw = await rowDraw(subject.engine, source);
  await draw.run((_name, out) => out.fill(0.5));
  const elements = elementsOf(draw);
  const [site] = source.task.sites as [SiteSpec];
  const logits = source.initial.parameters["logits"]!.values;
  let reason = "";
  for (const depth of depthsOf(site)) {
    const choices = choicesOf(elements, site, logits, depth);
    if (!choices) return `its uniforms on ${problem.name} belong to no variable`;
    const combinations = product(choices);
    if (tries * combinations > mostCalls)
      return reason || `${many(elements.length, "uniform")} on ${problem.name} are too many`;
    const found = await summed(draw, elements, choices);
    reason = `it is not constant where the outcomes of ${problem.name} are`;
    if (!found) continue;
    const { gradient, decoderFrom } = await truthOf(subject, problem);
    return judge(subject, found, { problem, truth: gradient.slice(0, decoderFrom), combinations, given });
  }
  return reason;
}

/** The step on a problem of one layer, with one row. */
type Opens = (problem: CheckProblem) => Promise<TrainingSetup>;

/** The outcome on the first of the problems that it can be summed on, of those that admit it. */
export async function judgeOnFirst(
  subject: Subject,
  problems: readonly CheckProblem[],
  how: { open: Opens; given: string; before: ReadonlyMap<string, Outcome> },
): Promise<Outcome> {
  const admitted = problems.filter((problem) => subject.admitted.includes(problem));
  if (admitted.length === 0)
    return skip("not applicable: it meets neither a single layer of bits nor one of categories");
  const reasons: string[] = [];
  for (const problem of admitted) {
    const outcome = await judgeOn(subject, problem, how);
    if (typeof outcome !== "string") return unlessKnown(outcome, how.before);
    reasons.push(outcome);
  }
  return skip(`not applicable: ${reasons.join("; ")}`);
}
