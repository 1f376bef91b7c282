/** The cells that wait for a lane, in the order of the matrix; those that another run is at come back later. */
import { nameOf } from "./locked-cell.ts";
import type { Holder } from "../store/lock.ts";
import type { PlannedCell } from "../plan/plan.ts";

export interface Queue {
  readonly count: number;
  /** The next cell, once there is one to try; undefined when none is left, or all is to stop. */
  next(): Promise<PlannedCell | undefined>;
  /** Its place among all that were begun. */
  begin(cell: PlannedCell): number;
  end(cell: PlannedCell): void;
  later(cell: PlannedCell, holder: Holder): void;
  /** Cells that have not ended. */
  left(): number;
}

/** Milliseconds after which a cell in other hands is looked at again. */
const again = 500;

export function queueOf(
  cells: readonly PlannedCell[],
  { stopped, note }: { stopped: () => boolean; note: (message: string) => void },
): Queue {
  const fresh = [...cells];
  const busy: { readonly cell: PlannedCell; readonly at: number }[] = [];
  const said = new Set<string>();
  let begun = 0;
  let left = cells.length;
  return {
    count: cells.length,
    async next() {
      for (;;) {
        if (stopped()) return undefined;
        const [first] = fresh;
        if (first !== undefined) return fresh.shift();
        if (busy.length === 0) return undefined;
        if (performance.now() >= busy[0]!.at) return busy.shift()!.cell;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    begin: () => begun++,
    end() {
      left -= 1;
    },
    later(cell, { pid, host }) {
      busy.push({ cell, at: performance.now() + again });
      if (said.has(cell.hash)) return;
      said.add(cell.hash);
      note(`${nameOf(cell)}: process ${pid} on ${host} is at it; others first`);
    },
    left: () => left,
  };
}
