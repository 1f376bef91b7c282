/** Rows as replicates: moments of an estimator's draws on a problem, with as many calls as a check asks for. */
import { stream } from "../train/noise-streams.ts";
import { withValues } from "../train/training-setup.ts";
import { rowDraw, type RowDraw } from "./gradient-draw.ts";
import type { CheckProblem } from "./problems.ts";
import { moved, seed, sourceOf, type Subject } from "./subject.ts";
import { truthOf, type Truth } from "./exact/true-gradient.ts";

/**
 * Rows of each call; the last size is repeated. A first, small one: an estimator without variance needs no more. The next
 * makes 10,000 draws, whose mean passes for normal.
 */
const rowsOfCalls = [1000, 9000, 10000, 20000, 40000] as const;
export const mostDraws = 4000000;

export interface Measurement {
  readonly problem: CheckProblem;
  readonly truth: Truth;
  draws(): number;
  notFinite(): number;
  mean(): Float64Array;
  /**
   * Standard error of each coordinate's mean, with a floor of 10⁻⁶ of a draw's size, which is float32's rounding: an
   * estimator without variance is right to that.
   */
  standardError(): Float64Array;
  /** mean − c·truth upstream of the samples; c = 1, or fitted for a claim of direction. With its standard error. */
  residual(): { readonly factor: number; readonly bias: Float64Array; readonly standardError: Float64Array };
  more(): Promise<void>;
}

interface Sums {
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

const sums = (width: number): Sums => ({ sum: new Float64Array(width), squares: new Float64Array(width) });

function errors({ sum, squares }: Sums, n: number): Float64Array {
  const floor = 1e-6 * Math.sqrt(squares.reduce((a, b) => a + b, 0) / n);
  return sum.map((total, k) => {
    const variance = Math.max(0, squares[k]! - total ** 2 / n) / (n - 1);
    return Math.max(Math.sqrt(variance / n), floor);
  });
}

async function measure(subject: Subject, problem: CheckProblem): Promise<Measurement> {
  const truth = await truthOf(subject, problem);
  const { gradient, decoderFrom } = truth;
  const width = gradient.length;
  const { forward } = subject.estimator.claims.evaluations(
    problem.definition.sites(problem.settings),
    subject.settings,
  );
  const rowsAt = (call: number) =>
    Math.round((rowsOfCalls[Math.min(call, rowsOfCalls.length - 1)]! * 16) / Math.max(16, forward));
  const open = async (rows: number): Promise<RowDraw> => {
    const source = await sourceOf(subject, problem, rows);
    return rowDraw(subject.engine, withValues(source, { estimatorParameters: moved(source) }));
  };
  const direction = subject.estimator.claims.unbiased === "direction";
  const unit = gradient.slice(0, decoderFrom).map((x) => x / truth.norm);
  const [plain, rejected] = [sums(width), sums(decoderFrom)];
  let along = 0;
  let draws = 0;
  let notFinite = 0;
  let calls = 0;
  let draw: RowDraw | undefined;

  const take = (values: Float32Array, rows: number) => {
    for (let b = 0; b < rows; b++) {
      const at = b * width;
      let projection = 0;
      let finite = true;
      for (let k = 0; k < width; k++) {
        const x = values[at + k]!;
        finite &&= Number.isFinite(x);
        if (k < decoderFrom) projection += x * unit[k]!;
      }
      if (!finite) {
        notFinite += 1;
        continue;
      }
      draws += 1;
      along += projection;
      for (let k = 0; k < width; k++) {
        const x = values[at + k]!;
        plain.sum[k]! += x;
        plain.squares[k]! += x * x;
        if (!direction || k >= decoderFrom) continue;
        const rest = x - projection * unit[k]!;
        rejected.sum[k]! += rest;
        rejected.squares[k]! += rest * rest;
      }
    }
  };

  const standardError = () => errors(plain, draws);
  return {
    problem,
    truth,
    draws: () => draws,
    notFinite: () => notFinite,
    mean: () => plain.sum.map((x) => x / draws),
    standardError,
    residual() {
      if (direction) {
        const error = errors(rejected, draws);
        const floor = 1e-6 * Math.sqrt(plain.squares.reduce((a, b) => a + b, 0) / draws);
        return {
          factor: along / draws / truth.norm,
          bias: rejected.sum.map((x) => x / draws),
          standardError: error.map((x) => Math.max(x, floor)),
        };
      }
      const bias = plain.sum.slice(0, decoderFrom).map((x, k) => x / draws - gradient[k]!);
      return { factor: 1, bias, standardError: standardError().slice(0, decoderFrom) };
    },
    async more() {
      const rows = rowsAt(calls);
      if (draw?.rows !== rows) draw = await open(rows);
      const fill = stream("check", problem.name, seed, calls);
      take(await draw.run(fill), draw.rows);
      calls += 1;
    },
  };
}

const known = new WeakMap<Subject, Map<string, Promise<Measurement>>>();

/** The measurement on a problem, shared by the checks of one subject. */
export function measurementOf(subject: Subject, problem: CheckProblem): Promise<Measurement> {
  const ours = known.get(subject) ?? new Map<string, Promise<Measurement>>();
  known.set(subject, ours);
  const made = ours.get(problem.name) ?? measure(subject, problem);
  ours.set(problem.name, made);
  return made;
}
