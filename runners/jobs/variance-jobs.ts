/**
 * Several estimators at a time: this process measures one after another and, once that takes long, so do helpers beside
 * it. A row depends on its own noise alone, never on where it is measured, so all but the seconds are the same.
 */
import type { ChildProcess } from "node:child_process";
import { availableParallelism } from "node:os";
import { startBeside } from "./child.ts";
import { environment } from "../errors.ts";
import type { Reference } from "../variance/reference.ts";
import {
  groupReference,
  measureInGroup,
  type TaskGroup,
  type VarianceRequest,
} from "../variance/variance-plan.ts";
import type { VarianceRow } from "../../reports/format/variance-row.ts";

export type ToHelper =
  | { readonly kind: "open"; readonly wanted: VarianceRequest }
  | {
      readonly kind: "measure";
      readonly group: number;
      readonly subject: number;
      readonly reference: Reference;
    };

export type FromHelper =
  { readonly kind: "row"; readonly row: VarianceRow } | { readonly kind: "fault"; readonly message: string };

/** Milliseconds after which helpers start: less than this, and they cost more than they save. */
const patience = 2000;

interface Wanted {
  readonly wanted: VarianceRequest;
  readonly groups: readonly TaskGroup[];
  readonly say: (message: string) => void;
  /** Processes in all; as many as there are cores, at most 8, unless told. */
  readonly jobs?: number;
}

export interface Piece {
  readonly group: number;
  readonly subject: number;
  readonly reference: Reference;
}

/** A row a task and estimator, in their order. */
export async function measureTogether({ wanted, groups, say, ...given }: Wanted): Promise<VarianceRow[]> {
  const { jobs = Math.min(8, availableParallelism()) } = given;
  const rows: VarianceRow[] = [];
  for (const [at, group] of groups.entries()) {
    const reference = await groupReference(group);
    const queue = group.estimators.map((_, subject): Piece => ({ group: at, subject, reference }));
    const found = new Map<number, VarianceRow>();
    const lane = async (measure: (piece: Piece) => Promise<VarianceRow>): Promise<void> => {
      for (let piece = queue.shift(); piece; piece = queue.shift()) {
        say(`${group.conditions.taskLabel}: ${group.estimators[piece.subject]!.label}`);
        found.set(piece.subject, await measure(piece));
      }
    };
    const own = ({ subject }: Piece) =>
      measureInGroup(group, group.estimators[subject]!, reference, wanted.at);
    await besides(wanted, { jobs, left: () => queue.length }, lane, own);
    group.estimators.forEach((_, i) => rows.push(found.get(i)!));
  }
  return rows;
}

interface Helping {
  readonly jobs: number;
  readonly left: () => number;
}

/** The lane of this process, and those of helpers if it is not soon done. */
async function besides(
  wanted: VarianceRequest,
  { jobs, left }: Helping,
  lane: (measure: (piece: Piece) => Promise<VarianceRow>) => Promise<void>,
  own: (piece: Piece) => Promise<VarianceRow>,
): Promise<void> {
  const helpers: Helper[] = [];
  const lanes: Promise<void>[] = [];
  const timer = setTimeout(() => {
    for (let n = Math.min(jobs - 1, left()); n > 0; n--) {
      const helper = openHelper(wanted);
      helpers.push(helper);
      lanes.push(lane((piece) => helper.measure(piece)));
      lanes.at(-1)!.catch(() => undefined); // Awaited below, once this process's own lane is done.
    }
  }, patience);
  try {
    await lane(own);
    clearTimeout(timer);
    await Promise.all(lanes);
  } finally {
    clearTimeout(timer);
    for (const helper of helpers) helper.close();
  }
}

export interface Helper {
  readonly process: ChildProcess;
  measure(piece: Piece): Promise<VarianceRow>;
  close(): void;
}

export function openHelper(wanted: VarianceRequest): Helper {
  // Structured clones: rows hold numbers that JSON does not.
  const child = startBeside("variance-worker", {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    serialization: "advanced",
  });
  child.on("error", () => undefined); // Its exit says the rest.
  const tell = (message: ToHelper) => child.send(message, () => undefined);
  tell({ kind: "open", wanted });
  return {
    process: child,
    measure: (piece) =>
      new Promise((resolve, reject) => {
        const ended = (code: number | null, signal: string | null) =>
          reject(
            environment(
              `variance: a child process must live until it is done, got ${signal ?? `exit ${code}`}`,
            ),
          );
        if (!child.connected) return ended(child.exitCode, child.signalCode);
        child.once("exit", ended);
        child.once("message", (message: FromHelper) => {
          child.off("exit", ended);
          if (message.kind === "row") resolve(message.row);
          else reject(environment(message.message));
        });
        tell({ kind: "measure", ...piece });
      }),
    close: () => void (child.connected && child.disconnect()),
  };
}
