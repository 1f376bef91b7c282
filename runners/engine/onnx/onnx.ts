/** The compiled engine: a step is traced once into an ONNX graph, and ONNX Runtime runs it. */
import { createRequire } from "node:module";
import type * as ort from "onnxruntime-node";
import type { Arrays, Body, Compiled, Engine, Fill, Shapes } from "../engine.ts";
import { createTrainer } from "./onnx-trainer.ts";
import type { Graph, Value } from "./graph/value.ts";
import { sizeOf } from "./graph/value.ts";
import { nameOf, outputName } from "./model.ts";
import { optimise } from "./passes/index.ts";
import type { Device } from "./session.ts";
import { tensorOn } from "./session.ts";
import { createSessions, type Held } from "./session-cache.ts";
import { noiseName, trace } from "./trace.ts";
import { probe } from "./outputs-in-place.ts";

export interface OnnxOptions {
  readonly device?: Device;
  /** Threads inside an operator. One process a core is faster in sweeps than threads in one. */
  readonly threads?: number;
  /** Where ONNX Runtime writes its profile: the start of a file name. */
  readonly profile?: string;
  /** `in place`: outputs of a step are not copied, where a probe finds that this works. */
  readonly outputs?: "in place" | "copied";
}

const version = (createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string })
  .version;

/** The engine `onnx`. Throws where the device has no provider here. */
export async function createOnnxEngine({
  device = "cpu",
  threads = 1,
  profile,
  outputs = "in place",
}: OnnxOptions = {}): Promise<Engine> {
  const options = { device, threads, ...(profile === undefined ? {} : { profile }) };
  const probed = device === "cpu" && outputs === "in place" ? await probe() : undefined;
  const barrier = probed?.message === undefined ? undefined : probed;
  const sessions = createSessions(options, barrier);
  const why = probed?.reason === undefined ? "" : ` (${probed.reason})`;
  return {
    name: device === "cpu" ? "onnx" : `onnx:device=${device}`,
    description: {
      onnxruntime: version,
      device,
      threads,
      outputs: barrier ? "in place" : `copied${why}`,
    },
    compile: async (body: Body, inputs: Shapes) => {
      const graph = optimise(trace(body, inputs));
      return compiled(graph, await sessions.get(graph, false));
    },
    train: (training) => createTrainer(training, sessions),
    close: () => sessions.close(),
  };
}

function compiled(graph: Graph, { session, release }: Held): Compiled {
  const buffers = Object.entries(graph.noise).map(([id, value]) => {
    const values = new Float32Array(sizeOf(value.shape));
    return { id, value, values, tensor: tensorOn(values, value.shape) };
  });
  return {
    async run(inputs: Arrays, fill: Fill) {
      const feeds: Record<string, ort.Tensor> = {};
      for (const [name, value] of Object.entries(graph.inputs))
        feeds[nameOf(value)] = given(inputs, name, value);
      for (const { id, value, values, tensor } of buffers) {
        fill(noiseName(id), values);
        feeds[nameOf(value)] = tensor;
      }
      const made = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(graph.outputs).map(([name, { shape }]) => {
          const { data } = made[outputName(name)]!;
          return [
            name,
            { shape, values: data instanceof Float32Array ? data : Float32Array.from(data as Uint8Array) },
          ];
        }),
      );
    },
    dispose: release,
  };
}

function given(inputs: Arrays, name: string, { shape }: Value): ort.Tensor {
  const array = inputs[name];
  if (array?.values.length !== sizeOf(shape))
    throw new Error(`run: input "${name}" must have shape [${shape.join()}], got ${array ? `[${array.shape.join()}]` : "nothing"}`); // prettier-ignore
  return tensorOn(array.values, shape);
}
