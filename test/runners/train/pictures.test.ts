import test from "ava";
import { tf } from "../../../estimators/core/autodiff.ts";
import { chooseEngine, openEngine } from "../../../runners/engine/index.ts";
import { pictureMaker } from "../../../runners/train/pictures.ts";
import type { Task } from "../../../tasks/task.ts";

const frame = { title: "Codes", caption: "", width: 1, height: 1, columns: 2 };

/** Three pixels of one parameter. */
const task = (strip?: string): Pick<Task, "name" | "pictures"> => ({
  name: "painted",
  pictures: {
    inputs: {},
    ...(strip === undefined ? {} : { strip }),
    body: (parameters) => ({ x: tf.mul(parameters["bright"]!, tf.tensor1d([0, 0.5, 1])) }),
    arrange: (outputs) => [
      { ...frame, name: "codes", tiles: Array.from(outputs["x"]!.values, (x) => Float32Array.of(x)) },
    ],
  },
});

const at = (bright: number) => ({ "task/bright": { shape: [], values: Float32Array.of(bright) } });
const bytes = (tiles: readonly string[]) => tiles.map((tile) => Buffer.from(tile, "base64")[0]);

test("a strip is the first rows of the picture that a task keeps, one a stage, as its last picture", async (t) => {
  const engine = await openEngine(chooseEngine("cpu"));
  const pictures = pictureMaker(engine, task("codes"));
  const rows = [];
  for (const [step, bright] of [[0, 0.2] as const, [1500, 1] as const])
    rows.push({ step, tiles: (await pictures.firstRow(at(bright)))! });
  t.deepEqual(rows.map(({ tiles }) => bytes(tiles)), [[0, 26], [0, 128]]); // prettier-ignore
  const [last, strip] = await pictures.all(at(1), rows);
  t.deepEqual(bytes(last!.tiles), [0, 128, 255]);
  t.deepEqual(bytes(strip!.tiles), [0, 26, 0, 128]);
  t.is(strip!.caption, "The first row of them after 0, 1,500 steps, from the top.");
  pictures.dispose();
  await engine.close();
});

test("a task that keeps no row has its pictures alone", async (t) => {
  const engine = await openEngine(chooseEngine("cpu"));
  const pictures = pictureMaker(engine, task());
  t.is(await pictures.firstRow(at(1)), undefined);
  t.is((await pictures.all(at(1), [])).length, 1);
  pictures.dispose();
  await engine.close();
});
