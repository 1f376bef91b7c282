/** The cells that wait for a worker, in the order of the matrix; those that another run holds come back later. */
import type { PlannedCell } from "../plan/plan.ts";

export interface CellQueue {
  readonly count: number;
  /** The next cell to try; undefined once none is left, or all is to stop. */
  next(): Promise<PlannedCell | undefined>;
  /** Counts a cell that begins; the index of it. */
  begin(): number;
  end(): void;
  /** Puts back a cell that another process holds. */
  later(cell: PlannedCell): void;
  /** Cells that have not ended. */
  left(): number;
}

/** Milliseconds after which a cell that another process holds is tried again. */
const retryDelay = 500;

export function queueOf(cells: readonly PlannedCell[], stopped: () => boolean): CellQueue {
  const fresh = [...cells];
  const busy: { readonly cell: PlannedCell; readonly at: number }[] = [];
  let begun = 0;
  let left = cells.length;
  return {
    count: cells.length,
    async next() {
      while (!stopped()) {
        if (fresh.length > 0 || busy.length === 0) return fresh.shift();
        if (performance.now() >= busy[0]!.at) return busy.shift()!.cell;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return undefined;
    },
    begin: () => begun++,
    end: () => void (left -= 1),
    later: (cell) => void busy.push({ cell, at: performance.now() + retryDelay }),
    left: () => left,
  };
}
