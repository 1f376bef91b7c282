/**
 * One step of training (gradients, next state, what is logged) is the same on all engines that are installed, up to
 * |x − y| ≤ 10⁻⁵(1 + |x|), as float32 sums in another order. Nothing is random: there are no error rates.
 */
import { plural } from "../../../reports/aggregate/numbers.ts";
import { engines, type EngineDefinition } from "../../engine/index.ts";
import type { Engine } from "../../engine/engine.ts";
import { resolveOptions } from "../../options/resolve.ts";
import { stream } from "../../train/noise-streams.ts";
import { type Check, fail, type Outcome, pass, skip } from "../outcome.ts";
import { firstStep, largestDifference } from "../short-training.ts";
import { seed, stepOn, type Subject } from "../subject.ts";

const tolerance = 1e-5;
const rows = 16;
/** The others are compared with the first. */
const compared = ["cpu", "wasm", "onnx", "tensorflow"];

/** The engine, if it is installed and starts here. */
async function tryOpen(definition: EngineDefinition): Promise<Engine | undefined> {
  const { name, options } = definition;
  try {
    return await definition.open(resolveOptions({}, { who: name, specs: options }));
  } catch {
    return undefined;
  }
}

interface NamedEngine {
  readonly name: string;
  readonly engine: Engine;
}

/**
 * Compares engines: `compare` gets those that are installed, the reference first, and a sentence about the others. Skips
 * where there are not two.
 */
export async function onInstalled(
  compare: (engines: readonly [NamedEngine, ...NamedEngine[]], rest: string) => Promise<Outcome>,
): Promise<Outcome> {
  const opened: NamedEngine[] = [];
  const absent: string[] = [];
  for (const definition of compared.map((name) => engines.find((one) => one.name === name)!)) {
    const engine = await tryOpen(definition);
    if (engine) opened.push({ name: definition.name, engine });
    else absent.push(definition.name);
  }
  const [first, ...others] = opened;
  if (!first || others.length === 0)
    return skip(`Two engines are needed. Not available here: ${absent.join(", ")}.`);
  const rest = absent.length === 0 ? "" : ` Not available here: ${absent.join(", ")}.`;
  try {
    return await compare([first, ...others], rest);
  } finally {
    for (const { engine } of opened) await engine.close();
  }
}

async function compare(
  subject: Subject,
  [first, ...others]: readonly [NamedEngine, ...NamedEngine[]],
  rest: string,
): Promise<Outcome> {
  let worst = 0;
  for (const problem of subject.admitted) {
    const setup = await stepOn(subject, problem, rows);
    const fill = stream("check engines", setup.task.name, seed);
    const reference = await firstStep(first.engine, setup, fill);
    for (const { name, engine } of others) {
      const { size, where } = largestDifference(reference, await firstStep(engine, setup, fill));
      if (size > tolerance)
        return fail(
          `A step differs between ${first.name} and ${name}: ${where} on ${problem.name} by ${size.toExponential(1)} (1 + |x|), at most ${tolerance} is allowed. See operations that depend on the values of tensors, or are far from smooth.`,
        );
      worst = Math.max(worst, size);
    }
  }
  const names = [first, ...others].map(({ name }) => name).join(", ");
  return pass(
    `One step on ${plural(subject.admitted.length, "problem")} agrees between ${names} to ${worst.toExponential(1)} (1 + |x|).${rest}`,
  );
}

export const engineAgreement: Check = {
  name: "engine-agreement",
  run: (subject) => onInstalled((opened, rest) => compare(subject, opened, rest)),
};
