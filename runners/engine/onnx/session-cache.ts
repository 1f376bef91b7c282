/** Sessions by the checksum of their model. Cells that differ only in numbers share a session and compile it once. */
import { createHash } from "node:crypto";
import type * as ort from "onnxruntime-node";
import type { Graph } from "./graph/value.ts";
import { model } from "./model.ts";
import { openSession, type SessionOptions } from "./session.ts";

/** Sessions without a user that are kept for later cells. */
const KEPT_UNUSED = 6;

export interface SharedSession {
  readonly session: ort.InferenceSession;
  readonly release: () => void;
}

export type SessionCache = ReturnType<typeof createSessionCache>;

interface CachedSession {
  readonly opened: Promise<ort.InferenceSession>;
  users: number;
}

export function createSessionCache(options: SessionOptions, expectedError?: string) {
  const cached = new Map<string, CachedSession>();
  const end = async (session: ort.InferenceSession) => {
    if (options.profile !== undefined) session.endProfiling();
    await session.release();
  };
  const endUnused = () => {
    const unused = [...cached].filter(([, { users }]) => users === 0);
    for (const [id, { opened }] of unused.slice(0, Math.max(0, unused.length - KEPT_UNUSED))) {
      cached.delete(id);
      void opened.then(end);
    }
  };
  return {
    /** The error that a run in place throws; undefined where outputs are copied. */
    expectedError,
    /** A session for the graph, with a sequence as its first output if `sequenceFirst`. */
    async get(graph: Graph, sequenceFirst: boolean): Promise<SharedSession> {
      const bytes = model(graph, { sequenceFirst });
      const id = createHash("sha256").update(bytes).digest("hex");
      const shared = cached.get(id) ?? { opened: openSession(bytes, options), users: 0 };
      // Moved to the end, so that the first are those used longest ago.
      cached.delete(id);
      cached.set(id, shared);
      shared.users += 1;
      let released = false;
      const release = () => {
        if (!released) shared.users -= 1;
        released = true;
        endUnused();
      };
      try {
        return { session: await shared.opened, release };
      } catch (error) {
        cached.delete(id);
        throw error;
      }
    },
    async close() {
      const all = [...cached.values()];
      cached.clear();
      for (const { opened } of all) await end(await opened);
    },
  };
}
