/** Pictures of what a task has learned: all of them at the end, and the first row of one at stages of training. */
import type { Named } from "../../estimators/estimator.ts";
import type { CellRecord, PictureRecord } from "../../reports/format/records.ts";
import type { Arrays, Task } from "../../tasks/task.ts";
import type { Compiled, Engine } from "../engine/engine.ts";
import { prefixed } from "./step.ts";
import { stream } from "./noise-streams.ts";

export type Strip = NonNullable<CellRecord["strip"]>;

export interface Pictures {
  /** The first row of the picture that the task keeps; nothing where it keeps none. */
  row(parameters: Arrays): Promise<readonly string[] | undefined>;
  /** All pictures, the strip among them where it has rows. */
  last(parameters: Arrays, strip: Strip): Promise<PictureRecord[]>;
  dispose(): void;
}

const encoded = (tile: Float32Array): string =>
  Buffer.from(Uint8Array.from(tile, (x) => Math.round(255 * Math.min(1, Math.max(0, x))))).toString("base64");

/** `parameters` are the task's own, named `task/NAME`; compiled when first wanted. */
export function picturesOf(
  engine: Engine,
  { name: taskName, pictures }: Pick<Task, "name" | "pictures">,
): Pictures {
  let compiled: Compiled | undefined;
  const compile = (inputs: Arrays) => {
    const body = (given: Named, noise: (name: string, shape: readonly number[]) => Named[string]) => {
      const inside = (prefix: string) =>
        Object.fromEntries(
          Object.entries(given)
            .filter(([name]) => name.startsWith(prefix))
            .map(([name, value]) => [name.slice(prefix.length), value]),
        );
      return pictures!.body(inside("task/"), inside("picture/"), noise);
    };
    const shapes = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
    return engine.compile(body, shapes);
  };
  const make = async (parameters: Arrays): Promise<PictureRecord[]> => {
    if (!pictures) return [];
    const inputs = { ...parameters, ...prefixed("picture", pictures.inputs) };
    compiled ??= await compile(inputs);
    const outputs = await compiled.run(inputs, stream("pictures", taskName));
    return pictures.arrange(outputs).map((picture) => ({ ...picture, tiles: picture.tiles.map(encoded) }));
  };
  const kept = (made: readonly PictureRecord[]) => made.find(({ name }) => name === pictures?.strip);

  return {
    async row(parameters) {
      if (pictures?.strip === undefined) return undefined;
      const picture = kept(await make(parameters));
      return picture?.tiles.slice(0, picture.columns);
    },
    async last(parameters, strip) {
      const made = await make(parameters);
      const picture = kept(made);
      if (picture === undefined || strip.length === 0) return made;
      const steps = strip.map(({ step }) => step.toLocaleString("en-US")).join(", ");
      const over: PictureRecord = {
        ...picture,
        name: `${picture.name}-over-training`,
        title: `${picture.title}, over training`,
        caption: `The first row of them after ${steps} steps, from the top.`,
        tiles: strip.flatMap(({ tiles }) => tiles),
      };
      return [...made, over];
    },
    dispose: () => compiled?.dispose(),
  };
}
