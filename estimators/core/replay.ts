/** Evaluating the program again with the sample of one site changed and the noise of the others repeated. */
import { stop, tf } from "./autodiff.ts";
import type { Problem, Run, Sample, Site, SiteSpec, T } from "../estimator.ts";
import { part, rolled } from "./slicing.ts";
import { hard } from "./toolkit.ts";

/** Other samples for a site [n, B, ...shape]. */
export interface Change {
  readonly site: Site;
  readonly x: T;
}

/** Repeats a single sample along the sample axis. [1 or S, ...] → [S, ...] */
const tiled = (x: T, S: number): T =>
  x.shape[0] === S ? x : tf.tile(x, [S, ...x.shape.slice(1).map(() => 1)]);

/** x with the samples from `start` on replaced. [S, ...], [n, ...] → [S, ...] */
function spliced(x: T, start: number, replacement: T): T {
  const piece = (from: number, size: number) => (size > 0 ? [part(x, 0, from, size)] : []);
  const end = start + replacement.shape[0];
  return tf.concat([...piece(0, start), replacement, ...piece(end, x.shape[0] - end)], 0);
}

/** About so many elements of a run's results are in use at a time, so that they stay in a processor's cache. */
const cached = 2 ** 20;

/**
 * The costs of all changes, evaluated off the tape in runs of as many samples as a cache holds. [n, B] for each change.
 *
 * When a site's sample is changed, the sites before it keep the samples that `replay` gives. The sites after it use
 * the same noise at the logits that follow from the change. So each cost is an unbiased draw of
 * E[f | the samples before, the changed sample].
 */
export function alternatives(
  { run, features }: Pick<Problem, "run" | "features">,
  replay: Sample,
  changes: readonly Change[],
): T[] {
  const sizes = changes.map(({ x }) => x.shape[0]);
  const S = sizes.reduce((a, b) => a + b, 0);
  const runs = Math.ceil((S * features.size) / cached);
  const size = Math.ceil(S / runs);
  const costs = Array.from({ length: Math.ceil(S / size) }, (_, i) => {
    const [from, to] = [i * size, Math.min(S, (i + 1) * size)];
    const { cost } = run((site) => {
      const k = changes.findIndex((change) => change.site.name === site.name);
      const start = sizes.slice(0, k).reduce((a, b) => a + b, 0);
      const [first, end] = [Math.max(from, start), Math.min(to, start + sizes[k]!)];
      const same = tiled(replay(site), to - from);
      return first < end
        ? spliced(same, first - from, part(changes[k]!.x, 0, first - start, end - first))
        : same;
    });
    return stop(cost);
  });
  return tf.split(tf.concat(costs, 0), sizes, 0);
}

/** x with one variable at a time taken from each of n `other`. [1, B, ...], [n, B, ...] → [n D, B, ...] */
export function oneAtATime({ family, shape }: SiteSpec, x: T, other: T): T {
  const D = family.variables(shape);
  const chosen = tf.reshape(tf.eye(D), [D, 1, D, ...Array<number>(family.rank).fill(1)]);
  const changed = tf.add(x, tf.mul(chosen, tf.expandDims(tf.sub(other, x), 1))); // [n, D, B, ...]
  return tf.reshape(changed, [-1, ...x.shape.slice(1)]);
}

/** The other outcomes of every variable: K − 1 samples, each with another outcome of all. [1, B, ...] → [K − 1, B, ...] */
export function otherOutcomes({ family, shape }: SiteSpec, x: T): T {
  if (family.rank === 0) return tf.sub(1, x);
  const K = shape.at(-1)!;
  return tf.concat(
    Array.from({ length: K - 1 }, (_, j) => rolled(x, x.rank - 1, K - j - 1)),
    0,
  );
}

/** L(K − 1) over all sites. */
export const alternativeCount = (sites: readonly SiteSpec[]) =>
  sites.reduce((n, { family, shape }) => n + family.variables(shape) * (family.outcomes(shape) - 1), 0);

/** A run with one hard sample per row, and for each site an alternative sample with its cost. */
export interface Compared extends Pick<Run, "cost"> {
  readonly drawn: readonly (Run["drawn"][number] & {
    /** The alternative [n, B, ...shape] and its cost [n, B]. */
    readonly other: T;
    readonly otherCost: T;
  })[];
}

/** Draws one hard sample per row and evaluates an alternative for each site. */
export function compared(problem: Problem, alternative: (site: Site) => T): Compared {
  const { run, uniform } = problem;
  const replay: Sample = (site) => hard(site, uniform(site));
  const { cost, drawn } = run(replay);
  const changes = drawn.map(({ site }) => ({ site, x: alternative(site) }));
  const costs = alternatives(problem, replay, changes);
  return {
    cost,
    drawn: drawn.map((one, i) => ({ ...one, other: changes[i]!.x, otherCost: costs[i]! })),
  };
}
