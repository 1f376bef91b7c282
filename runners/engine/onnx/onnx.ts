/** The compiled engine: a body is traced once into an ONNX graph, and ONNX Runtime runs the graph. */
import { createRequire } from "node:module";
import type * as ort from "onnxruntime-node";
import type { Arrays, Body, Compiled, Engine, Fill, Shapes } from "../engine.ts";
import { createTrainer } from "./onnx-trainer.ts";
import { type Graph, sizeOf } from "./graph/value.ts";
import { valuesOf } from "./memory.ts";
import { nameOf, outputName } from "./model.ts";
import { inPlaceSupport } from "./outputs-in-place.ts";
import { optimise } from "./passes/index.ts";
import { productOutputs } from "./product-outputs.ts";
import { bytesOfDraw, noisyValues, repeatGraph } from "./repeat-graph.ts";
import { type SessionOptions, tensorOn } from "./session.ts";
import { createSessionCache, type SharedSession } from "./session-cache.ts";
import { noiseName, trace } from "./trace.ts";

export interface OnnxOptions extends Partial<SessionOptions> {
  /** `in place`: the outputs of a step are not copied, where the machine supports it. */
  readonly outputs?: "in place" | "copied";
}

/** The bytes of values of all draws of one run: more would not stay in the processor's cache. */
const bytesOfDraws = 8 * 2 ** 20;

/** Draws from which products are left to the caller, who takes each of a sum and not of every draw. */
const drawsOfFactors = 200;

const version = (createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string })
  .version;

/** The engine `onnx`. Its sessions throw when they are opened on a device that is absent. */
export async function createOnnxEngine({
  outputs = "in place",
  ...options
}: OnnxOptions = {}): Promise<Engine> {
  const { device, threads } = { device: "cpu", threads: 1, ...options } as const;
  const support = device === "cpu" && outputs === "in place" ? await inPlaceSupport() : { reason: "" };
  const inPlace = "expectedError" in support;
  const sessions = createSessionCache(
    { ...options, device, threads },
    inPlace ? support.expectedError : undefined,
  );
  const copied = inPlace || support.reason === "" ? "copied" : `copied (${support.reason})`;
  return {
    name: device === "cpu" ? "onnx" : `onnx:device=${device}`,
    description: { onnxruntime: version, device, threads, outputs: inPlace ? "in place" : copied },
    compile: async (body: Body, inputs: Shapes) => {
      const graph = optimise(trace(body, inputs));
      return compiled(graph, await sessions.get(graph, false));
    },
    async compileDraws(body, inputs, most) {
      const one = trace(body, inputs);
      const size = Math.max(1, Math.min(most, Math.floor(bytesOfDraws / bytesOfDraw(one))));
      const products =
        most < drawsOfFactors ? new Map<string, never>() : productOutputs(one, noisyValues(one));
      const many = size > 1 || products.size > 0;
      const graph = optimise(many ? repeatGraph(one, size, products) : one);
      return { ...compiled(graph, await sessions.get(graph, false)), size };
    },
    train: (training) => createTrainer(training, sessions),
    close: () => sessions.close(),
  };
}

function compiled(graph: Graph, { session, release }: SharedSession): Compiled {
  const buffers = Object.entries(graph.noise).map(([id, value]) => {
    const values = new Float32Array(sizeOf(value.shape));
    return { id, value, values, tensor: tensorOn(values, value.shape) };
  });
  return {
    async run(inputs: Arrays, fill: Fill) {
      const feeds: Record<string, ort.Tensor> = {};
      for (const [name, value] of Object.entries(graph.inputs))
        feeds[nameOf(value)] = tensorOn(valuesOf(inputs, name, value.shape), value.shape);
      for (const { id, value, values, tensor } of buffers) {
        fill(noiseName(id), values);
        feeds[nameOf(value)] = tensor;
      }
      const made = await session.run(feeds);
      const outputs: Arrays = {};
      for (const [name, { shape }] of Object.entries(graph.outputs))
        outputs[name] = { shape, values: made[outputName(name)]!.data as Float32Array };
      return outputs;
    },
    dispose: release,
  };
}
