/** Pictures of what a task has learned: all of them at the end, and the first row of one during training. */
import type { CellRecord, PictureRecord } from "../../reports/format/records.ts";
import type { Arrays, Task } from "../../tasks/task.ts";
import type { Compiled, Engine } from "../engine/engine.ts";
import { prefixed, shapesOf, under } from "./step-inputs.ts";
import { stream } from "./noise-streams.ts";

/** First rows of a picture, each after a step of training. */
export type Strip = NonNullable<CellRecord["strip"]>;

export interface PictureMaker {
  /** The first row of the picture that the task names as its strip, as tiles; undefined where it names none. */
  firstRow(parameters: Arrays): Promise<readonly string[] | undefined>;
  /** All pictures, and the strip of first rows as one more picture unless it is empty. */
  all(parameters: Arrays, strip: Strip): Promise<PictureRecord[]>;
  dispose(): void;
}

/** Bytes of the grey levels in base64. */
const encoded = (tile: Float32Array): string =>
  Buffer.from(Uint8Array.from(tile, (x) => Math.round(255 * Math.min(1, Math.max(0, x))))).toString("base64");

/** The task's parameters are given as inputs `task/NAME`. The body is compiled when it is first needed. */
export function pictureMaker(
  engine: Engine,
  { name: taskName, pictures }: Pick<Task, "name" | "pictures">,
): PictureMaker {
  let compiled: Compiled | undefined;
  async function make(parameters: Arrays): Promise<PictureRecord[]> {
    if (!pictures) return [];
    const inputs = { ...parameters, ...prefixed("picture", pictures.inputs) };
    compiled ??= await engine.compile(
      (given, noise) => pictures.body(under("task", given), under("picture", given), noise),
      shapesOf(inputs),
    );
    const outputs = await compiled.run(inputs, stream("pictures", taskName));
    return pictures.arrange(outputs).map((picture) => ({ ...picture, tiles: picture.tiles.map(encoded) }));
  }
  const ofStrip = (made: readonly PictureRecord[]) => made.find(({ name }) => name === pictures?.strip);

  return {
    async firstRow(parameters) {
      if (pictures?.strip === undefined) return undefined;
      const picture = ofStrip(await make(parameters));
      return picture?.tiles.slice(0, picture.columns);
    },
    async all(parameters, strip) {
      const made = await make(parameters);
      const picture = ofStrip(made);
      if (picture === undefined || strip.length === 0) return made;
      const steps = strip.map(({ step }) => step.toLocaleString("en-US")).join(", ");
      const overTraining: PictureRecord = {
        ...picture,
        name: `${picture.name}-over-training`,
        title: `${picture.title}, over training`,
        caption: `The first row of them after ${steps} steps, from the top.`,
        tiles: strip.flatMap(({ tiles }) => tiles),
      };
      return [...made, overTraining];
    },
    dispose: () => compiled?.dispose(),
  };
}
