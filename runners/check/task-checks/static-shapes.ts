/**
 * The program runs on any number of samples S and rows B with the shapes that the contract names, and a cost depends on its
 * own row and sample alone, up to |x − y| ≤ 10⁻⁴(1 + |x|). All uniforms are ½, which has the same meaning in every shape:
 * there are no error rates.
 */
import { tf } from "../../../estimators/core/autodiff.ts";
import type { Arrays, Values32 } from "../../../tasks/task.ts";
import { taskRandom } from "../../train/program.ts";
import { type Check, fail, pass } from "../outcome.ts";
import { largestDifference } from "../short-training.ts";
import { elementCount } from "../gradient-draw.ts";
import { evaluate, given, type Scene } from "../scene-values.ts";
import { rowsFrom, sceneRows, type TaskSubject } from "../task-scene.ts";

const tolerance = 1e-4;

/** The first samples and rows. [S, B, ...] */
function first({ shape, values }: Values32, S: number, B: number): Values32 {
  const [all, rows, ...event] = shape as [number, number, ...number[]];
  const size = elementCount(event);
  const kept = new Float32Array(S * B * size);
  for (let s = 0; s < Math.min(S, all); s++)
    kept.set(values.subarray(s * rows * size, (s * rows + B) * size), s * B * size);
  return { shape: [S, B, ...event], values: kept };
}

const cut = (arrays: Arrays, S: number, B: number): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, first(array, S, B)]));

const costsOf = ({ engine }: TaskSubject, scene: Scene) =>
  evaluate(
    engine,
    scene,
    ({ open, samples, task }) => {
      const { run, direct, auxiliary } = open();
      if (auxiliary && auxiliary.size !== 1)
        throw new Error(`auxiliary must be a scalar, got [${auxiliary.shape.join(", ")}]`);
      const { cost } = run(given(samples));
      return {
        cost: tf.add(cost, direct() ?? 0),
        ...(task.metric === "elbo" && { weight: open({ form: "weight" }).run(given(samples)).cost }),
      };
    },
    (_name, out) => void out.fill(0.5),
  );

/** The name of a measure whose values are not one number a row, with its shape. */
async function wrongMeasure({ engine }: TaskSubject, scene: Scene): Promise<string | undefined> {
  const { task } = scene;
  const split = task.splits.valid > 0 ? "valid" : "train";
  const validated = { ...scene, task: { ...task, gather: (_: string, rows: Int32Array) => task.gather(split, rows) } }; // prettier-ignore
  for (const [name, measure] of Object.entries(task.measures ?? {})) {
    const { value } = await evaluate(engine, validated, ({ parameters, batch, noise }) => ({
      value: measure(parameters, batch, taskRandom(noise)),
    }));
    const { shape } = value!;
    if (shape.length !== 1 || shape[0] !== scene.rows.length) return `${name} must be [${scene.rows.length}], one number a row, got [${shape.join(", ")}]`; // prettier-ignore
  }
  return undefined;
}

export const staticShapes: Check<TaskSubject> = {
  name: "static-shapes",
  async run(subject) {
    const scene = await subject.whole();
    const { task, samples } = scene;
    const S = Math.min(3, ...Object.values(samples).map(({ shape }) => shape[0]!));
    const at = (s: number, b: number, from = 0) =>
      costsOf(subject, { ...scene, rows: rowsFrom(task, from, b), samples: cut(samples, s, b) });
    const all = await at(S, sceneRows);
    await at(S, sceneRows, sceneRows);
    const cases = [
      { S, B: 1, advice: "rows of the batch. Compute a row's cost from this row alone, without means over rows; a loss of other rows is auxiliary" }, // prettier-ignore
      { S, B: sceneRows - 1, advice: "rows of the batch. Compute a row's cost from this row alone, without means over rows" }, // prettier-ignore
      { S: 1, B: sceneRows, advice: "samples. Compute each sample's cost by itself; estimators average over samples" }, // prettier-ignore
    ];
    for (const { S: s, B: b, advice } of cases) {
      const { size, where } = largestDifference(cut(all, s, b), cut(await at(s, b), s, b));
      if (size > tolerance)
        return fail(
          `A ${where} changes by ${size.toExponential(1)} (1 + |x|) with the other ${advice}. At most ${tolerance} is allowed.`,
        );
    }
    const wrong = await wrongMeasure(subject, scene);
    if (wrong !== undefined) return fail(`The measure ${wrong}.`);
    return pass(`It runs on 1 and ${S} samples and on 1, ${sceneRows - 1} and ${sceneRows} rows; each cost is of its own row and sample.`); // prettier-ignore
  },
};
