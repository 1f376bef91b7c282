/** Checks that the value of a plug-in is a task: first its definition, then what it creates. */
import * as v from "valibot";
import type { Settings } from "../../estimators/estimator.ts";
import type { SiteSpec, Task, TaskDefinition } from "../../tasks/task.ts";
import { mistake } from "../errors.ts";
import { readOptions, resolveOptions } from "../options/resolve.ts";
import { parseSchedule } from "../options/schedules.ts";
import { strictFields, validate } from "../options/schema.ts";
import {
  checkDefaults,
  definedName,
  definedOptions,
  optionValue,
  someText,
  someTexts,
} from "./definition-schema.ts";

const whole = (least: number) =>
  v.pipe(v.number(), v.integer("must be a whole number"), v.minValue(least, `must be at least ${least}`));
const number = v.pipe(v.number(), v.finite("must be finite"));

const definitionSchema = strictFields({
  name: definedName,
  title: someText,
  aliases: v.optional(someTexts),
  version: whole(1),
  paper: v.optional(someText),
  doc: someText,
  options: definedOptions,
  variants: v.optional(v.record(someText, v.record(someText, optionValue))),
  steps: whole(1),
  variantSteps: v.optional(v.record(someText, whole(1))),
  sites: v.function(),
  valuesOnly: v.optional(v.function()),
  create: v.function(),
});

const isFamily = (value: unknown) =>
  typeof value === "object" &&
  value !== null &&
  "name" in value &&
  "sample" in value &&
  "capabilities" in value;
const sitesSchema = v.pipe(
  v.array(
    strictFields({
      name: someText,
      family: v.pipe(
        v.unknown(),
        v.check(isFamily, "must be a family of the toolkit, such as families.bernoulli"),
      ),
      shape: v.pipe(v.array(whole(1)), v.minLength(1, "must not be empty")),
      parents: v.optional(someTexts),
      codes: v.optional(whole(1)),
    }),
  ),
  v.minLength(1, "must not be empty"),
);

/** The value as the definition of a task, whose sites are checked too. */
export function asTaskDefinition(who: string, value: unknown): TaskDefinition {
  validate(who, definitionSchema, value);
  const definition = value as TaskDefinition;
  const { name, options, variants = {} } = definition;
  checkDefaults(who, options);
  for (const [variant, settings] of Object.entries(variants))
    readOptions(settings, { who: `${who}: variants.${variant}`, specs: options });
  checkSites(who, definition.sites(resolveOptions({}, { who: name, specs: options })));
  return definition;
}

/** Checks the sites of a task with some options. */
export function checkSites(who: string, value: unknown): readonly SiteSpec[] {
  validate(who, v.object({ sites: sitesSchema }), { sites: value });
  const sites = value as readonly SiteSpec[];
  for (const [i, { name, family, shape, parents = [] }] of sites.entries()) {
    const earlier = sites.slice(0, i).map((site) => site.name);
    if (earlier.includes(name)) throw mistake(`${who}: sites lists the site "${name}" twice.`);
    const unknown = parents.find((parent) => !earlier.includes(parent));
    if (unknown !== undefined)
      throw mistake(`${who}: sites.${i}.parents names "${unknown}", which is no earlier site.`);
    const axes = family.rank === 0 ? "[variables]" : "[variables, outcomes]";
    if (shape.length !== 1 + family.rank)
      throw mistake(
        `${who}: sites.${i}.shape must be ${axes} for ${family.name}, got [${shape.join(", ")}].`,
      );
  }
  return sites;
}

const momenta = { beta1: number, beta2: number, epsilon: number };
const optimiser = v.variant("kind", [
  v.strictObject({ kind: v.literal("sgd"), momentum: number }),
  v.strictObject({ kind: v.literal("rmsprop"), decay: number, epsilon: number }),
  v.strictObject({ kind: v.literal("adam"), ...momenta }),
  v.strictObject({ kind: v.literal("radam"), ...momenta }),
]);

const taskSchema = strictFields({
  name: definedName,
  options: v.record(someText, optionValue),
  sites: sitesSchema,
  features: whole(1),
  rows: whole(1),
  optimiser,
  learningRate: v.function(),
  temperature: v.optional(someText),
  init: v.function(),
  model: v.function(),
  splits: strictFields({ train: whole(1), valid: whole(0), test: whole(0) }),
  gather: v.function(),
  metric: v.picklist(["elbo", "cost"]),
  measures: v.optional(v.record(someText, v.function())),
  pictures: v.optional(
    v.looseObject({ inputs: v.record(someText, v.any()), body: v.function(), arrange: v.function() }),
  ),
  sums: v.record(someText, someText),
});

/** The value as the task of this definition, with these options. */
export function asTask(who: string, definition: TaskDefinition, options: Settings, value: unknown): Task {
  validate(who, taskSchema, value);
  const task = value as Task;
  if (task.name !== definition.name)
    throw mistake(`${who}: name must be that of its definition, got "${task.name}".`);
  const [before, after] = [definition.sites(options), checkSites(who, task.sites)].map(sitesText);
  if (before !== after)
    throw mistake(`${who}: sites must be those of its definition, ${before}, got ${after}.`);
  if (task.temperature !== undefined) parseSchedule(task.temperature, `${who}: temperature`);
  const rate: unknown = task.learningRate(0);
  if (typeof rate !== "number" || !(rate >= 0 && rate < Infinity))
    throw mistake(`${who}: learningRate must return a number, at least 0, got ${String(rate)}.`);
  return task;
}

const sitesText = (sites: readonly SiteSpec[]) =>
  sites
    .map(({ name, family, shape, parents }) => {
      const above = parents === undefined ? "" : ` after ${parents.join(", ")}`;
      return `${name} ${family.name} [${shape.join(", ")}]${above}`;
    })
    .join("; ");
