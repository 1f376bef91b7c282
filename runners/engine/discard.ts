/**
 * Memory given back at once. A buffer that was transferred to a port without a receiver is detached and freed; left to
 * the garbage collector, the copies of a step's outputs cost more than the copying: collections, and pages touched anew.
 */
import { MessageChannel, type MessagePort } from "node:worker_threads";

let closed: MessagePort | undefined;

function open(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}

/** Frees the memory of these arrays, which nobody may read any more; their lengths are 0 afterwards. */
export function discard(arrays: Iterable<ArrayBufferView>): void {
  const buffers = new Set<ArrayBuffer>();
  for (const { buffer } of arrays) if (buffer instanceof ArrayBuffer) buffers.add(buffer);
  (closed ??= open()).postMessage(0, [...buffers]);
}
