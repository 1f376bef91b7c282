/** Playing a program again with one site's sample changed. */
import { stop, tf } from "./autodiff.ts";
import type { Problem, Sample, Site, T } from "../estimator.ts";

/** Other samples for a site [n, B, ...shape]. */
export interface Change {
  readonly site: Site;
  readonly x: T;
}

/** Repeats a single sample along the sample axis. [1 or S, ...] → [S, ...] */
export const tiled = (x: T, S: number): T =>
  x.shape[0] === S ? x : tf.tile(x, [S, ...x.shape.slice(1).map(() => 1)]);

/** x with the samples from `at` on replaced. [S, ...], [n, ...] → [S, ...] */
function spliced(x: T, at: number, replacement: T): T {
  const rest = x.shape.slice(1);
  const part = (from: number, n: number) =>
    n > 0 ? [tf.slice(x, [from, ...rest.map(() => 0)], [n, ...rest])] : [];
  const after = at + replacement.shape[0];
  return tf.concat([...part(0, at), replacement, ...part(after, x.shape[0] - after)], 0);
}

/**
 * The costs of all changes in one run, off the tape: [n, B] each. Where a site's sample is changed, the sites before it
 * stay as `replay` answers, and those after it answer with the same noise at the logits that the change leads to. So
 * each cost is an unbiased draw of E[f | what is before, the changed sample], which is all that an estimator needs of it.
 */
export function alternatives(run: Problem["run"], replay: Sample, changes: readonly Change[]): T[] {
  const sizes = changes.map(({ x }) => x.shape[0]);
  const S = sizes.reduce((a, b) => a + b, 0);
  const { cost } = run((site) => {
    const k = changes.findIndex((change) => change.site.name === site.name);
    const at = sizes.slice(0, k).reduce((a, b) => a + b, 0);
    return spliced(tiled(replay(site), S), at, changes[k]!.x);
  });
  return tf.split(stop(cost), sizes, 0);
}
