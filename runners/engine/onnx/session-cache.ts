/** Sessions by their models: cells that differ in nothing but their numbers share one, and compile once. */
import { createHash } from "node:crypto";
import type * as ort from "onnxruntime-node";
import type { Graph } from "./graph/value.ts";
import { model } from "./model.ts";
import { openSession, type SessionOptions } from "./session.ts";
import type { Probed } from "./outputs-in-place.ts";

/** Sessions kept though nobody holds them. */
const IDLE = 6;

export interface Held {
  readonly session: ort.InferenceSession;
  readonly release: () => void;
}

export interface Sessions {
  /** What a run with the barrier throws here; undefined where outputs are copied. */
  readonly barrier: Probed | undefined;
  get(graph: Graph, barrier: boolean): Promise<Held>;
  close(): Promise<void>;
}

interface Entry {
  readonly opened: Promise<ort.InferenceSession>;
  holders: number;
}

export function createSessions(options: SessionOptions, barrier: Probed | undefined): Sessions {
  const entries = new Map<string, Entry>();
  const end = async (session: ort.InferenceSession) => {
    if (options.profile !== undefined) session.endProfiling();
    await session.release();
  };
  const trim = () => {
    const idle = [...entries].filter(([, { holders }]) => holders === 0);
    for (const [id, { opened }] of idle.slice(0, Math.max(0, idle.length - IDLE))) {
      entries.delete(id);
      void opened.then(end);
    }
  };
  return {
    barrier,
    async get(graph, withBarrier) {
      const bytes = model(graph, { barrier: withBarrier });
      const id = createHash("sha256").update(bytes).digest("hex");
      const entry = entries.get(id) ?? { opened: openSession(bytes, options), holders: 0 };
      // To the end: the first are those used longest ago.
      entries.delete(id);
      entries.set(id, entry);
      entry.holders += 1;
      let held = true;
      const release = () => {
        entry.holders -= Number(held);
        held = false;
        trim();
      };
      try {
        return { session: await entry.opened, release };
      } catch (error) {
        entries.delete(id);
        throw error;
      }
    },
    async close() {
      const all = [...entries.values()];
      entries.clear();
      for (const { opened } of all) await end(await opened);
    },
  };
}
