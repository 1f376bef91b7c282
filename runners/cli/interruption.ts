import type { Io } from "./output.ts";

export interface Interruption {
  /** True once the user asked to stop. */
  readonly requested: () => boolean;
  /** Stops listening to signals. */
  readonly release: () => void;
}

/** Listens to signals: the first asks the run to stop after its step, the second ends the process. */
export function listenForInterruption(io: Io, note: (message: string) => void): Interruption {
  let requested = false;
  const release = io.onInterrupt(() => {
    if (requested) io.exit(130);
    requested = true;
    note("Stopping after this step; a second signal stops at once.");
  });
  return { requested: () => requested, release };
}
