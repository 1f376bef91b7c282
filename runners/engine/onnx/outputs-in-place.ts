/**
 * Runs a session so that its outputs are written into given arrays. onnxruntime-node copies every output into a new buffer, also
 * where an array to write to was given. It first fills the given arrays and then converts the outputs, in the order of the
 * graph. If the first output cannot be converted, as a sequence cannot, it throws before it copies anything.
 *
 * This order is not documented. A probe tries it once in a process; where it does not hold, the outputs are copied and the
 * copies freed. Only this file and the extra output of the model depend on it.
 */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type * as ort from "onnxruntime-node";
import { add } from "./graph/algebra.ts";
import { createBuilder } from "./graph/builder.ts";
import { prune } from "./graph/value.ts";
import { model, nameOf, outputName, SEQUENCE } from "./model.ts";
import { openSession, tensorOn } from "./session.ts";

type Tensors = Readonly<Record<string, ort.Tensor>>;

/** The error that every run in place throws on this machine, or the reason why outputs are copied. */
export type InPlaceSupport = { readonly expectedError: string } | { readonly reason: string };

let support: Promise<InPlaceSupport> | undefined;

/** Whether outputs can be left in place. Probed once in a process. */
export const inPlaceSupport = (): Promise<InPlaceSupport> => (support ??= probeInPlace(openSession));

/** Tries a small graph twice. A failure of the probe itself is a reason to copy. */
export async function probeInPlace(open: typeof openSession): Promise<InPlaceSupport> {
  const g = createBuilder();
  const x = g.input("x", [1000], false);
  const outputs = { sum: add(g, x, g.scalar(1)), twice: add(g, x, x) };
  const bytes = model(prune({ x }, {}, outputs), { sequenceFirst: true });
  const [values, sum, twice] = [new Float32Array(1000), new Float32Array(1000), new Float32Array(1000)];
  const fetches = {
    [outputName("sum")]: tensorOn(sum, [1000]),
    [outputName("twice")]: tensorOn(twice, [1000]),
  };
  try {
    const session = await open(bytes, { device: "cpu", threads: 1 });
    const errors: string[] = [];
    for (const round of [0, 1]) {
      values.forEach((_, i) => (values[i] = i + 0.5 * round));
      const error = await errorOf(session, { [nameOf(x)]: tensorOn(values, [1000]) }, fetches);
      if (error === undefined) return { reason: "the sequence was converted" };
      errors.push(error);
      if (!values.every((v, i) => sum[i] === v + 1 && twice[i] === v + v))
        return { reason: "given outputs were not filled" };
    }
    await session.release();
    const [first, second] = errors;
    return first === second ? { expectedError: first! } : { reason: "the error has no fixed message" };
  } catch (error) {
    return { reason: `the probe failed: ${(error as Error).message}` };
  }
}

async function errorOf(session: ort.InferenceSession, feeds: Tensors, fetches: Tensors) {
  try {
    await session.run(feeds, { [SEQUENCE]: null, ...fetches });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Runs the session; the outputs are then in the tensors of `fetches`, which names all of them. With an expected error the
 * model must have a sequence as its first output.
 */
export async function runInto(
  session: ort.InferenceSession,
  feeds: Tensors,
  fetches: Tensors,
  expectedError: string | undefined,
): Promise<void> {
  if (expectedError === undefined) {
    const returned = await session.run(feeds, fetches);
    const given = new Set(Object.values(fetches).map(({ data }) => (data as Float32Array).buffer));
    const arrays = Object.values(returned).map(({ data }) => data as Float32Array);
    freeBuffers(arrays.filter(({ buffer }) => !given.has(buffer)));
    return;
  }
  const error = await errorOf(session, feeds, fetches);
  if (error !== expectedError)
    throw new Error(`ONNX Runtime failed in a step: ${error ?? "it converted the sequence"}.`);
}

let closedPort: MessagePort | undefined;

/**
 * Frees the memory of these arrays, whose lengths are 0 afterwards. A buffer transferred to a port without a receiver is
 * freed at once. Left to the garbage collector, the copies of the outputs cost more time than the copying.
 */
export function freeBuffers(arrays: Iterable<ArrayBufferView>): void {
  if (!closedPort) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    closedPort = port1;
  }
  const buffers = new Set<ArrayBuffer>();
  for (const { buffer } of arrays) if (buffer instanceof ArrayBuffer) buffers.add(buffer);
  closedPort.postMessage(0, [...buffers]);
}
