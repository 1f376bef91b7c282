import { tf } from "../../../estimators/core/autodiff.ts";
import { categorical } from "../../../estimators/distributions/categorical.ts";
import { createToy, toyOptions } from "../../../tasks/models/toy.ts";
import { fillUniform, key } from "../../../tasks/noise.ts";
import { task, type Arrays } from "../../../tasks/task.ts";
import type { Fill } from "../../engine/engine.ts";
import { allInputs } from "../../train/step-inputs.ts";
import { trainingStep } from "../../train/step.ts";
import { withValues, type TrainingSetup } from "../../train/training-setup.ts";
import { stream } from "../../train/noise-streams.ts";
import { rowDraw } from "../gradient-draw.ts";
import { type Check, fail, many, pass, skip } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { attempt, refusalOf, seed, sourceOf, type Subject } from "../subject.ts";

/**
 * Logits at which p, or 1 − p, is far below float32's resolution; rows of noise with uniforms at the ends of what
 * `fillUniform` gives, (k + ½)/2²³. Gradients, those of the estimator's parameters too, and the next state must be finite. Nothing here is left
 * to chance: a fault that a draw meets once in 10⁵ is met at once.
 */
const logits = [50, -50, 17, -17];
const ends = [0.5 / 2 ** 23, 1 - 0.5 / 2 ** 23, 1.5 / 2 ** 23, 1 - 1.5 / 2 ** 23, 0.5];
const rows = 256;
/** Evaluations of K = 1000 outcomes that are still asked for. */
const mostEvaluations = 5000;

const wideSite = { name: "z", family: categorical, shape: [1, 1000] } as const;

const wideTask = task({
  name: "one-of-1000",
  title: "One categorical variable with K = 1000",
  version: 1,
  doc: "E (vᵀz)² of one variable, v and its logits a wave over the outcomes.",
  options: { ...toyOptions },
  steps: 1,
  sites: () => [wideSite],
  create: (options) =>
    createToy(
      {
        name: "one-of-1000",
        sites: [wideSite],
        init: () => ({ logits: tf.mul(5, tf.sin(tf.reshape(tf.range(0, 1000), [1, 1000]))) }),
        cost: (parameters, sample) =>
          tf.square(tf.sum(tf.mul(sample("z", parameters["logits"]!), tf.cos(tf.range(0, 1000))), [-2, -1])),
      },
      options,
    ),
});

const wide: CheckProblem = {
  name: "one-of-1000",
  definition: wideTask,
  settings: { rows: 1, "learning-rate": 0.1 },
  task: async (n) => ({
    ...(await wideTask.create({ rows: n, "learning-rate": 0.1 }, {})),
    bound: "sampled",
  }),
};

/** Each uniform at one of the ends, or as drawn. */
const atTheEnds =
  (...parts: readonly (string | number)[]): Fill =>
  (name, out) => {
    stream(...parts)(name, out);
    const chosen = new Float32Array(out.length);
    fillUniform(key("check ends", ...parts, name), chosen);
    chosen.forEach((u, i) => {
      out[i] = ends[Math.floor(u * 2 * ends.length)] ?? out[i]!;
    });
  };

/** What of a draw, and of a step of training, is not finite. */
async function notFinite(subject: Subject, source: TrainingSetup, fill: Fill): Promise<string | undefined> {
  const draw = await rowDraw(subject.engine, source);
  const bad = (await draw.run(fill)).findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) return `the gradient of ${draw.labels[bad % draw.labels.length]}`;
  const { training } = trainingStep(source);
  const compiled = await subject.engine.compile(training.body, {});
  const outputs = await compiled.run(allInputs(source), fill);
  return Object.entries(outputs).find(([, { values }]) => !values.every(Number.isFinite))?.[0];
}

/** The upstream logits, all of them at one value and the next at another. */
function extreme(parameters: Arrays, first: number): Arrays {
  const start = parameters["logits"];
  if (!start) return parameters;
  const values = start.values.map((_, i) => logits[(first + i) % logits.length]!);
  return { ...parameters, logits: { shape: start.shape, values } };
}

interface Case {
  readonly name: string;
  readonly problem: CheckProblem;
  readonly source: () => Promise<TrainingSetup>;
  readonly fill: Fill;
}

function casesOf(subject: Subject): Case[] {
  const cases: Case[] = [];
  for (const problem of subject.admitted) {
    cases.push({
      name: `uniforms at the ends on ${problem.name}`,
      problem,
      source: () => sourceOf(subject, problem, rows),
      fill: atTheEnds(problem.name, seed),
    });
    logits.forEach((value, i) =>
      cases.push({
        name: `logits from ${value} on ${problem.name}`,
        problem,
        source: async () => {
          const start = await sourceOf(subject, problem, rows / 4);
          return withValues(start, { parameters: extreme(start.initial.parameters, i) });
        },
        fill: atTheEnds(problem.name, seed, i),
      }),
    );
  }
  return cases;
}

/** K = 1000, where the claims admit it and its evaluations are few enough; or why not. */
function wideCase(subject: Subject): Case | string {
  const why = refusalOf(subject, wide);
  if (why !== undefined) return why;
  const { forward } = subject.estimator.claims.evaluations([wideSite], subject.settings);
  if (forward > mostEvaluations) return `K = 1000 would need ${forward} evaluations`;
  return {
    name: "K = 1000",
    problem: wide,
    source: () => sourceOf(subject, wide, 2),
    fill: stream("check wide", seed),
  };
}

export const extremes: Check = {
  name: "extremes",
  doc: "logits of ±50, p → 0 and 1, uniforms at their ends and K = 1000 give finite gradients, or it says why not",
  async run(subject) {
    if (subject.admitted.length === 0) return skip("no problem admits it");
    const cases = casesOf(subject);
    const said: string[] = [];
    const last = wideCase(subject);
    if (typeof last === "string") said.push(last);
    else cases.push(last);
    for (const { name, source, fill } of cases) {
      const found = await attempt(async () => notFinite(subject, await source(), fill));
      if ("error" in found) said.push(`${name}: ${found.error}`);
      else if (found.value !== undefined)
        return fail(
          `all must be finite, or refused with a sentence, got not finite ${found.value} with ${name}`,
        );
    }
    const rest = said.length === 0 ? "" : `; said: ${said.join("; ")}`;
    return pass(
      `finite in ${many(cases.length, "case")}: logits ±50 and ±17, uniforms at their ends${typeof last === "string" ? "" : ", K = 1000"}${rest}`,
    );
  },
};
