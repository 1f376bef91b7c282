/**
 * Tracing: a tfjs backend named `trace` whose kernels append to a graph instead of computing. A body runs on it
 * once, with placeholders for its inputs; what it recorded, gradients included, is the compiled body. tfjs's own
 * autodiff does the differentiation.
 */
import { tf } from "../../../estimators/core/autodiff.ts";
import type {
  BackendValues,
  DataType,
  KernelConfig,
  KernelFunc,
  NamedAttrMap,
  TensorInfo,
} from "@tensorflow/tfjs";
import type { Named } from "../../../estimators/estimator.ts";
import { type Body, noiseId, type Shapes } from "../engine.ts";
import { type Builder, createBuilder } from "./graph/builder.ts";
import { type Elements, type Graph, type Value, prune } from "./graph/value.ts";
import { cast, expand, reshape } from "./graph/algebra.ts";
import { kernels } from "./kernels/index.ts";
import { callerLine, opsOnStack, TraceError } from "./trace-error.ts";

/** The most elements of a constant whose elements differ. */
const LARGEST_CONSTANT = 2 ** 22;
/** The most elements of constants from which further constants are computed while tracing. */
const LARGEST_FOLDED = 2 ** 16;

interface Recording {
  readonly builder: Builder;
  readonly values: WeakMap<object, Value>;
  /** An error inside a call that cannot throw, such as `data()`. */
  fault?: TraceError;
}
let recording: Recording | undefined;

const fail = (op: string, what: string): TraceError => new TraceError(`${op}: ${what}${callerLine()}`);
const eager = "or run it with --engine cpu";
const refuseRead = (op: string) =>
  fail(
    op,
    `a step must not read a tensor's value (it has none while it is traced); keep it as a tensor, ${eager}`,
  );
const refuseNoise = (op: string) =>
  fail(
    op,
    `noise must come from outside the step (it would repeat one draw); use uniform of the problem, or random of a task, ${eager}`,
  );

class TraceBackend extends tf.KernelBackend {
  override numDataIds = () => 0;
  override refCount = () => 1;
  override incRef = () => undefined;
  override disposeData = () => true;
  override floatPrecision = (): 32 => 32;
  override epsilon = () => 1e-7;
  override memory = () => ({ unreliable: true });
  override dispose = () => undefined;
  override timerAvailable = () => false;

  override write(values: BackendValues, shape: number[], dtype: DataType): object {
    const random = opsOnStack().find((op) => /^(rand|truncatedNormal|multinomial|dropout)/.test(op));
    if (random) throw refuseNoise(`tf.${random}`);
    return dataFor(constantOf(values, shape, dtype));
  }
  override readSync(): BackendValues {
    active();
    throw refuseRead("dataSync");
  }
  override read(): Promise<BackendValues> {
    // Rejecting would be lost in an async caller: the trace fails once the body returns.
    const fault = refuseRead("data");
    if (recording) recording.fault ??= fault;
    return recording ? new Promise(() => undefined) : Promise.reject(fault);
  }
  override move(): void {
    throw refuseRead("move");
  }
}

function constantOf(values: BackendValues, shape: readonly number[], dtype: DataType): Value {
  const { builder } = active();
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool")
    throw fail("tensor", `dtype must be float32, int32 or bool in a compiled step, got ${dtype}`);
  const numbers = values as ArrayLike<number>;
  const first = numbers[0] ?? 0;
  if (numbers.length > 0 && Array.prototype.every.call(numbers, (x) => Object.is(x, first)))
    return expand(builder, builder.constant(elementsOf([first], dtype), [], dtype), shape);
  if (numbers.length <= LARGEST_CONSTANT) return builder.constant(elementsOf(numbers, dtype), shape, dtype);
  const what = `a constant must have at most ${LARGEST_CONSTANT} elements, got ${numbers.length}`;
  throw fail("tensor", `${what}; make it an input`);
}

function elementsOf(values: ArrayLike<number>, dtype: "float32" | "int32" | "bool"): Elements {
  if (dtype === "float32") return Float32Array.from(values);
  return dtype === "int32" ? Int32Array.from(values) : Uint8Array.from(values, Number);
}

function active(): Recording {
  if (!recording)
    throw fail("tensor", "what is made in one step must not be used in another; make it in each step");
  return recording;
}

/** The data of a tensor that stands for the value. */
function dataFor(value: Value): object {
  const dataId = {};
  active().values.set(dataId, value);
  return dataId;
}

/** A tensor that stands for the value. */
const infoOf = (value: Value): TensorInfo => ({
  dataId: dataFor(value),
  shape: [...value.shape],
  dtype: value.type as DataType,
});

/** The traced value that a tensor stands for. Throws for a tensor from outside the trace. */
function valueOf(op: string, tensor: TensorInfo): Value {
  const frozen = "(its value would be frozen)";
  if (tensor instanceof tf.Variable)
    throw fail(op, `a step must not use a tf.variable ${frozen}; make it a parameter, ${eager}`);
  const value = active().values.get(tensor.dataId);
  if (value) return reshape(active().builder, value, tensor.shape);
  const what = `a step must not use a tensor [${tensor.shape.join()}] made outside it ${frozen}`;
  throw fail(op, `${what}; make it an input or create it inside, ${eager}`);
}

function registerKernel(kernelName: string): void {
  const kernel = kernels[kernelName];
  const kernelFunc: KernelFunc = ({ inputs, attrs = {} }) => {
    if (kernelName === "Multinomial") throw refuseNoise("tf.multinomial");
    const values: Record<string, Value> = {};
    for (const [name, tensor] of Object.entries(inputs))
      if (tensor) values[name] = valueOf(kernelName, tensor);
    try {
      const made = folded(kernelName, values, attrs) ?? kernel?.(active().builder, values, attrs);
      if (!made)
        throw fail(kernelName, `this operation has no compiled form; write it with others, ${eager}`);
      return Array.isArray(made) ? made.map(infoOf) : infoOf(made);
    } catch (error) {
      if (error instanceof TraceError) throw error;
      throw fail(kernelName, (error as Error).message);
    }
  };
  tf.registerKernel({ kernelName, backendName: "trace", kernelFunc });
}

/** The result of an operation on constants alone, computed by the cpu backend of tfjs; undefined where an input varies. */
function folded(kernelName: string, values: Record<string, Value>, attrs: NamedAttrMap): Value | undefined {
  const kernel = tf.getKernel(kernelName, "cpu") as KernelConfig | undefined;
  const backend = tf.engine().findBackend("cpu");
  const constants = Object.entries(values).flatMap(([name, { source, shape, type }]) =>
    source.kind === "constant" && source.elements.length <= LARGEST_FOLDED && type !== "int64"
      ? [{ name, elements: source.elements as Float32Array, shape: [...shape], dtype: type }]
      : [],
  );
  if (!kernel || constants.length < Object.keys(values).length) return undefined;
  const inputs: Record<string, TensorInfo> = {};
  for (const { name, elements, shape, dtype } of constants)
    inputs[name] = { dataId: backend.write(elements, shape, dtype), shape, dtype };
  const isList = "0" in values;
  const made = kernel.kernelFunc({
    inputs: isList ? Object.values(inputs) : inputs,
    backend,
    attrs,
  } as never);
  if (Array.isArray(made)) return undefined;
  const value = constantOf(backend.readSync(made.dataId), made.shape, made.dtype);
  for (const { dataId } of [...Object.values(inputs), made]) backend.disposeData(dataId, true);
  return value;
}

let registered = false;
function register(): void {
  if (registered) return;
  registered = true;
  // A priority below zero, so that it is never the default.
  tf.registerBackend("trace", () => new TraceBackend(), -1);
  const all = tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName);
  for (const name of new Set([...Object.keys(kernels), ...all])) registerKernel(name);
}

/**
 * The graph of `body` for inputs of these shapes, all float32; its uniforms are further inputs.
 *
 * Throws a TraceError, one sentence that names the operation, the caller's line and what to do, where the body
 * reads a value, draws noise of its own, uses a tensor from outside or an operation without compiled form, and
 * where shapes do not fit.
 */
export function trace(body: Body, shapes: Shapes): Graph {
  if (recording) throw new TraceError("trace: one body is traced at a time, got a trace inside a trace");
  register();
  const before = tf.getBackend() as string | undefined;
  const random = Math.random;
  const builder = createBuilder();
  const current: Recording = { builder, values: new WeakMap() };
  try {
    recording = current;
    // Synchronous, since the backend is made synchronously.
    void tf.setBackend("trace");
    Math.random = () => {
      const op = opsOnStack()[0];
      throw refuseNoise(op ? `tf.${op}` : "Math.random");
    };
    let graph: Graph | undefined;
    tf.tidy(() => {
      graph = record(current, body, shapes);
    });
    return graph!;
  } finally {
    Math.random = random;
    recording = undefined;
    // None is set before the first operation; the reference backend is always there.
    void tf.setBackend(before ?? "cpu");
  }
}

/** The name that `noise` was called with. */
export const noiseName = (id: string): string => id.slice(0, id.lastIndexOf(" "));

function record(current: Recording, body: Body, shapes: Shapes): Graph {
  const { builder } = current;
  const placeholder = (value: Value) => tf.engine().makeTensorFromTensorInfo(infoOf(value));
  const inputs: Record<string, Value> = {};
  const noise: Record<string, Value> = {};
  const given: Named = {};
  for (const [name, shape] of Object.entries(shapes)) {
    inputs[name] = builder.input(name, shape, false);
    given[name] = placeholder(inputs[name]);
  }
  const made = body(given, (name, shape) => {
    const id = noiseId(name, shape);
    noise[id] ??= builder.input(`noise/${id}`, shape, true);
    return placeholder(noise[id]);
  });
  if (current.fault) throw current.fault;
  if (typeof (made as { then?: unknown }).then === "function")
    throw new TraceError("trace: a body must return its tensors at once, got a promise");
  const outputs: Record<string, Value> = {};
  for (const [name, tensor] of Object.entries(made))
    outputs[name] = cast(builder, valueOf(`output ${name}`, tensor), "float32");
  return prune(inputs, noise, outputs);
}
