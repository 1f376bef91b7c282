/**
 * Outputs that stay where they are. onnxruntime-node copies every output into a new buffer, also one that was given to
 * be written to. It fills the given buffers first and converts the outputs after that, in the order of the graph: a first
 * output that cannot be converted, a sequence, makes the conversion throw before it copies anything.
 *
 * That order is documented nowhere. It is used only where a probe finds that it holds, and the plain path takes over
 * where it does not. Nothing outside this file knows of it but the model's extra output.
 */
import type * as ort from "onnxruntime-node";
import { add } from "./graph/algebra.ts";
import { createBuilder } from "./graph/builder.ts";
import { prune } from "./graph/value.ts";
import { BARRIER, model, nameOf, outputName } from "./model.ts";
import { openSession, tensorOn } from "./session.ts";

type Tensors = Readonly<Record<string, ort.Tensor>>;

/** What a run on a session with the barrier throws here, or why the barrier does not work here. */
export interface Probed {
  readonly message?: string;
  readonly reason?: string;
}

let probed: Promise<Probed> | undefined;

/** Whether given outputs are filled though the conversion fails, tried once in a process. */
export const probe = (): Promise<Probed> => (probed ??= attempt(openSession));

/** The trial itself; whatever fails in it is a reason for the plain path. */
export async function attempt(open: typeof openSession): Promise<Probed> {
  try {
    return await tried(open);
  } catch (error) {
    return { reason: `the trial failed: ${(error as Error).message}` };
  }
}

async function tried(open: typeof openSession): Promise<Probed> {
  const g = createBuilder();
  const x = g.input("x", [1000], false);
  const outputs = { sum: add(g, x, g.scalar(1)), twice: add(g, x, x) };
  const session = await open(model(prune({ x }, {}, outputs), { barrier: true }), {
    device: "cpu",
    threads: 1,
  });
  try {
    const values = Float32Array.from({ length: 1000 }, (_, i) => i);
    const [sum, twice] = [new Float32Array(1000), new Float32Array(1000)];
    const fetches = {
      [outputName("sum")]: tensorOn(sum, [1000]),
      [outputName("twice")]: tensorOn(twice, [1000]),
    };
    const feeds = { [nameOf(x)]: tensorOn(values, [1000]) };
    const messages: string[] = [];
    for (const round of [0, 1]) {
      values.forEach((_, i) => (values[i] = i + 0.5 * round));
      const message = await thrownBy(session, feeds, fetches);
      if (message === undefined) return { reason: "the sequence was converted" };
      messages.push(message);
      const filled = values.every((v, i) => sum[i] === v + 1 && twice[i] === v + v);
      if (!filled) return { reason: "given outputs were not filled" };
    }
    return messages[0] === messages[1]
      ? { message: messages[0]! }
      : { reason: "the failure has no fixed message" };
  } finally {
    await session.release();
  }
}

async function thrownBy(
  session: ort.InferenceSession,
  feeds: Tensors,
  fetches: Tensors,
): Promise<string | undefined> {
  try {
    await session.run(feeds, { [BARRIER]: null, ...fetches });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Runs a session with the barrier: the outputs are in the tensors of `fetches`, all of which must be given. */
export async function runInPlace(
  session: ort.InferenceSession,
  feeds: Tensors,
  fetches: Tensors,
  expected: string | undefined,
): Promise<void> {
  const message = await thrownBy(session, feeds, fetches);
  if (message !== expected)
    throw new Error(`onnx: the step must run to its end, got ${message === undefined ? "no failure at the barrier" : `"${message}"`}`); // prettier-ignore
}
