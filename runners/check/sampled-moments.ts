/** Moments of an estimator's draws on a problem. Rows are draws: a call with 40,000 rows makes 40,000 of them. */
import { stream } from "../train/noise-streams.ts";
import { manyDraws, type ManyDraws } from "./many-draws.ts";
import type { CheckProblem } from "./problems.ts";
import { movedStepOn, seed, type Subject } from "./subject.ts";
import { enumerable, exactGradientOf, type ExactGradient } from "./exact/true-gradient.ts";

/**
 * Rows of the first calls; the last size is repeated. The first call is small, as an estimator without variance needs no
 * more; after the second there are 10,000 draws, whose mean is taken as normal.
 */
const rowsOfCalls = [1000, 9000, 10000, 20000, 40000] as const;

export interface SampledMoments {
  readonly problem: CheckProblem;
  readonly exact: ExactGradient;
  draws(): number;
  /** Draws that were left out because a coordinate is not finite. */
  notFinite(): number;
  /** The mean of each coordinate. */
  mean(): Float64Array;
  /** Standard error of each coordinate's mean, at least 10⁻⁶ of a draw's size: float32 is not more exact. */
  standardError(): Float64Array;
  /**
   * The bias mean − factor · exact of each coordinate before the samples, with its standard error. The factor is 1, or
   * fitted if the estimator claims only the direction.
   */
  residual(): { readonly factor: number; readonly bias: Float64Array; readonly standardError: Float64Array };
  /** Makes another call, with so many draws at most, rounded up to whole parts. */
  more(most?: number): Promise<void>;
}

/** Sums of each coordinate over the draws. */
interface Sums {
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

const newSums = (width: number): Sums => ({
  sum: new Float64Array(width),
  squares: new Float64Array(width),
});

/** The size below which float32's rounding hides an error of the mean. */
const roundingOf = ({ squares }: Sums, n: number) => 1e-6 * Math.sqrt(squares.reduce((a, b) => a + b, 0) / n);

const standardErrors = ({ sum, squares }: Sums, n: number, least: number): Float64Array =>
  sum.map((total, k) => {
    const variance = Math.max(0, squares[k]! - total ** 2 / n) / (n - 1);
    return Math.max(Math.sqrt(variance / n), least);
  });

async function momentsOn(subject: Subject, problem: CheckProblem): Promise<SampledMoments> {
  const exact = await exactGradientOf(subject, problem);
  const { gradient, decoderFrom } = exact;
  const width = gradient.length;
  const { claims } = subject.estimator;
  const { forward } = claims.evaluations(problem.definition.sites(problem.settings), subject.settings);
  const rowsAt = (call: number) =>
    Math.round((rowsOfCalls[Math.min(call, rowsOfCalls.length - 1)]! * 16) / Math.max(16, forward));
  const direction = claims.unbiased === "direction";
  const unit = gradient.slice(0, decoderFrom).map((x) => x / exact.norm);
  const all = newSums(width);
  /** Of the parts of the draws that are orthogonal to the exact gradient. */
  const orthogonal = newSums(decoderFrom);
  let along = 0;
  let draws = 0;
  let notFinite = 0;
  let calls = 0;
  let opened: Promise<ManyDraws> | undefined;

  const add = (row: Float32Array) => {
    let projection = 0;
    let finite = true;
    for (let k = 0; k < width; k++) {
      finite &&= Number.isFinite(row[k]);
      if (k < decoderFrom) projection += row[k]! * unit[k]!;
    }
    if (!finite) {
      notFinite += 1;
      return;
    }
    draws += 1;
    along += projection;
    for (let k = 0; k < width; k++) {
      const x = row[k]!;
      all.sum[k]! += x;
      all.squares[k]! += x * x;
      if (!direction || k >= decoderFrom) continue;
      const rest = x - projection * unit[k]!;
      orthogonal.sum[k]! += rest;
      orthogonal.squares[k]! += rest * rest;
    }
  };

  const standardError = () => standardErrors(all, draws, roundingOf(all, draws));
  return {
    problem,
    exact,
    draws: () => draws,
    notFinite: () => notFinite,
    mean: () => all.sum.map((x) => x / draws),
    standardError,
    residual() {
      if (direction)
        return {
          factor: along / draws / exact.norm,
          bias: orthogonal.sum.map((x) => x / draws),
          standardError: standardErrors(orthogonal, draws, roundingOf(all, draws)),
        };
      const bias = all.sum.slice(0, decoderFrom).map((x, k) => x / draws - gradient[k]!);
      return { factor: 1, bias, standardError: standardError().slice(0, decoderFrom) };
    },
    async more(most = Infinity) {
      const part = rowsAt(0);
      opened ??= movedStepOn(subject, problem, part).then((setup) => manyDraws(subject, setup));
      const made = await opened;
      const rows = Math.min(rowsAt(calls), Math.ceil(most / part) * part || Infinity);
      await made.run(rows, stream("check", problem.name, seed, calls), add);
      calls += 1;
    },
  };
}

const known = new WeakMap<Subject, Map<string, Promise<SampledMoments>>>();

/** The moments on a problem, which the checks of a subject share. */
function sharedMoments(subject: Subject, problem: CheckProblem): Promise<SampledMoments> {
  const ours = known.get(subject) ?? new Map<string, Promise<SampledMoments>>();
  known.set(subject, ours);
  const moments = ours.get(problem.name) ?? momentsOn(subject, problem);
  ours.set(problem.name, moments);
  return moments;
}

/** The moments on all problems whose gradient can be enumerated, and the names of the others. */
export async function momentsOf(subject: Subject): Promise<{ all: SampledMoments[]; tooLarge: string[] }> {
  const all: SampledMoments[] = [];
  const tooLarge: string[] = [];
  for (const problem of subject.admitted)
    if (await enumerable(subject, problem)) all.push(await sharedMoments(subject, problem));
    else tooLarge.push(problem.name);
  return { all, tooLarge };
}
