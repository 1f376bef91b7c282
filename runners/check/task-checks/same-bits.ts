/**
 * The same noise gives the same bits: initial parameters, rows of data, and costs, also of a second run of one program, which
 * estimators with several evaluations make. Everything is compared exactly: there are no error rates.
 */
import { tf } from "../../../estimators/core/autodiff.ts";
import type { Arrays } from "../../../tasks/task.ts";
import { randomTensors } from "../../train/noise-streams.ts";
import { prefixed } from "../../train/step-inputs.ts";
import { type Check, fail, pass } from "../outcome.ts";
import { seed } from "../subject.ts";
import { evaluate, given } from "../scene-values.ts";
import type { TaskSubject } from "../task-scene.ts";

/** The name of an array that differs in a bit, or undefined. */
export const differing = (a: Arrays, b: Arrays): string | undefined =>
  Object.keys({ ...a, ...b }).find((name) => {
    const [x, y] = [a[name]?.values, b[name]?.values];
    return x?.length !== y?.length || x!.some((value, i) => !Object.is(value, y![i]));
  });

const reasons = {
  initial: "initial parameters differ from call to call; take all noise from the argument random of init",
  data: "rows of data differ from call to call, also when an array is filled again; a row depends on its split and number alone",
  costs:
    "costs differ from call to call with the same noise; take noise from the argument random of model (tf.randomUniform and Math.random draw anew), and keep nothing between calls",
  program:
    "costs of two runs of one program differ; the program may run several times, so it changes nothing outside itself",
} as const;

export const sameBits: Check<TaskSubject> = {
  name: "repeatable",
  async run({ engine, whole }) {
    const scene = await whole();
    const { task, rows } = scene;
    const initial = async () => {
      const compiled = await engine.compile(() => task.init(randomTensors("init", task.name, seed)), {});
      return compiled.run({}, () => undefined);
    };
    const costs = () =>
      evaluate(engine, scene, ({ open, samples }) => {
        const { run, direct } = open();
        const [first, again] = [run(given(samples)).cost, run(given(samples)).cost];
        return { first, again, direct: direct() ?? tf.scalar(0) };
      });
    const copied = (arrays: Arrays): Arrays =>
      Object.fromEntries(Object.entries(arrays).map(([name, { shape, values }]) => [name, { shape, values: values.slice() }])); // prettier-ignore
    const data = copied(task.gather("train", rows));
    const others = task.gather("train", rows.toReversed());
    const [a, b] = [await costs(), await costs()];
    const faults = {
      initial: differing(await initial(), await initial()),
      data: differing(data, task.gather("train", rows, others)),
      costs: differing(a, b),
      program: differing(prefixed("", { cost: a["first"]! }), prefixed("", { cost: a["again"]! })),
    };
    const found = (Object.keys(reasons) as (keyof typeof reasons)[]).find((key) => faults[key] !== undefined);
    if (found) return fail(`Its ${reasons[found]}.`);
    return pass("The same noise gives the same parameters, data and costs, bit for bit.");
  },
};
