/** Which steps of training are measured. */

/** The steps after which a cell is measured: 0, the last, and `points` − 1 evenly between them. */
export function logSteps(steps: number, points: number): number[] {
  const count = Math.max(1, Math.min(points, steps));
  return Array.from({ length: count + 1 }, (_, i) => Math.round((i * steps) / count));
}

/** The log steps at which gradients are measured too: the first, the last, and evenly between. */
export function gradientSteps(steps: number, logPoints: number, points: number): number[] {
  const all = logSteps(steps, logPoints);
  const count = Math.min(points, all.length);
  if (count === 0) return [];
  if (count === 1) return [0];
  const chosen = Array.from(
    { length: count },
    (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]!,
  );
  return [...new Set(chosen)];
}
