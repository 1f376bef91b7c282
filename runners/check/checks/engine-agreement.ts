import type { Arrays } from "../../../tasks/task.ts";
import { engines as known, type EngineDefinition } from "../../engine/index.ts";
import type { Engine } from "../../engine/engine.ts";
import { messageOf } from "../../errors.ts";
import { resolveOptions } from "../../options/resolve.ts";
import { allInputs, shapesOf } from "../../train/step-inputs.ts";
import { trainingStep } from "../../train/step.ts";
import type { TrainingSetup } from "../../train/training-setup.ts";
import { stream } from "../../train/noise-streams.ts";
import { type Check, fail, many, pass, skip } from "../outcome.ts";
import { seed, sourceOf, type Subject } from "../subject.ts";

/** |x − y| ≤ 10⁻⁵(1 + |x|): float32, summed in another order. */
const tolerance = 1e-5;
const rows = 16;
/** The first is what the others are compared with; all but it may be missing here. */
const compared = ["cpu", "wasm", "onnx", "tensorflow"];

/** One step as a pure function: gradients, next state and what is logged. */
async function step(engine: Engine, source: TrainingSetup): Promise<Arrays> {
  const { training } = trainingStep(source);
  const inputs = allInputs(source);
  const compiled = await engine.compile(training.body, shapesOf(inputs));
  const outputs = await compiled.run(inputs, stream("check engines", source.task.name, seed));
  compiled.dispose();
  return outputs;
}

/** The largest |x − y| / (1 + |x|), and where. */
function apart(a: Arrays, b: Arrays): { worst: number; where: string } {
  let found = { worst: 0, where: "" };
  for (const [name, { values }] of Object.entries(a)) {
    const other = b[name]?.values;
    if (other?.length !== values.length) return { worst: Infinity, where: name };
    values.forEach((x, i) => {
      const error = Math.abs(x - other[i]!) / (1 + Math.abs(x));
      // Written so that a value that is not a number counts.
      if (!(error <= found.worst)) found = { worst: Number.isNaN(error) ? Infinity : error, where: name };
    });
  }
  return found;
}

async function opened(definition: EngineDefinition): Promise<Engine | string> {
  try {
    definition.version();
  } catch {
    return `${definition.name} is not installed`;
  }
  try {
    return await definition.open(resolveOptions({}, { who: definition.name, specs: definition.options }));
  } catch (error) {
    return `${definition.name} does not start here: ${messageOf(error)}`;
  }
}

interface Pair {
  readonly name: string;
  readonly engine: Engine;
}

async function compare(
  subject: Subject,
  [first, ...others]: readonly Pair[],
): Promise<string | { worst: number }> {
  let worst = 0;
  for (const problem of subject.admitted) {
    const source = await sourceOf(subject, problem, rows);
    const reference = await step(first!.engine, source);
    for (const { name, engine } of others) {
      const found = apart(reference, await step(engine, source));
      if (found.worst > tolerance)
        return `a step must be the same on all engines, got ${found.worst.toExponential(1)}(1 + |x|) between ${first!.name} and ${name} in ${found.where} of ${problem.name}`;
      worst = Math.max(worst, found.worst);
    }
  }
  return { worst };
}

export const engines: Check = {
  name: "engines",
  doc: "one step is the same on all engines",
  async run(subject) {
    if (subject.admitted.length === 0) return skip("no problem admits it");
    const pairs: Pair[] = [];
    const absent: string[] = [];
    for (const name of compared) {
      const definition = known.find((one) => one.name === name);
      const engine = definition ? await opened(definition) : `${name} is not built in`;
      if (typeof engine === "string") absent.push(engine);
      else pairs.push({ name, engine });
    }
    if (pairs.length < 2) return skip(`two engines are needed, got ${pairs.length}; ${absent.join("; ")}`);
    const found = await compare(subject, pairs);
    for (const { engine } of pairs) await engine.close();
    if (typeof found === "string") return fail(found);
    const without = absent.length === 0 ? "" : `; ${absent.join("; ")}`;
    return pass(
      `one step on ${many(subject.admitted.length, "problem")} agrees between ${pairs.map(({ name }) => name).join(", ")} to ${found.worst.toExponential(1)}(1 + |x|)${without}`,
    );
  },
};
