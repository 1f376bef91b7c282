/**
 * Draws of a step by the thousand. They are made by the engine that trains, many times faster than tensor by tensor, in parts
 * that one compiled step of few rows makes one after another. An estimator that cannot be compiled draws tensor by tensor.
 */
import type { Fill } from "../engine/engine.ts";
import type { TrainingSetup } from "../train/training-setup.ts";
import { rowDraw, type RowDraw } from "./gradient-draw.ts";
import type { Subject } from "./subject.ts";

export interface ManyDraws {
  readonly labels: readonly string[];
  readonly decoderFrom: number;
  /** Makes so many draws with the uniforms of one step of as many rows; `add` gets each gradient. */
  run(rows: number, fill: Fill, add: (gradient: Float32Array) => void): Promise<void>;
}

/** Draws on the engine that trains, or tensor by tensor where the step cannot be compiled. */
export const quickDraw = async (
  { engine, trainingEngine }: Pick<Subject, "engine" | "trainingEngine">,
  setup: TrainingSetup,
): Promise<RowDraw> => rowDraw(await trainingEngine(), setup).catch(() => rowDraw(engine, setup));

/** Opens draws in parts of the setup's number of rows. */
export async function manyDraws(
  subject: Pick<Subject, "engine" | "trainingEngine">,
  setup: TrainingSetup,
): Promise<ManyDraws> {
  const draw = await quickDraw(subject, setup);
  const { labels, decoderFrom, rows: rowsOfPart, uniforms } = draw;
  const width = labels.length;

  /** The uniforms of the rows of a part, of those of all rows [S, rows, ...]. */
  function parts(rows: number, fill: Fill): (first: number) => Fill {
    const whole = new Map<string, Float32Array>();
    return (first) => (name, out) => {
      const all = whole.get(name) ?? new Float32Array((out.length / rowsOfPart) * rows);
      if (!whole.has(name)) fill(name, all);
      whole.set(name, all);
      const [samples] = uniforms.get(name)!.shape;
      const size = out.length / samples! / rowsOfPart;
      const count = Math.min(rowsOfPart, rows - first) * size;
      // Rows of the last part that nobody asked for draw, too.
      out.fill(0.5);
      for (let s = 0; s < samples!; s++) {
        const from = (s * rows + first) * size;
        out.set(all.subarray(from, from + count), s * rowsOfPart * size);
      }
    };
  }

  return {
    labels,
    decoderFrom,
    async run(rows, fill, add) {
      const partAt = parts(rows, fill);
      for (let first = 0; first < rows; first += rowsOfPart) {
        const values = await draw.run(partAt(first));
        const count = Math.min(rowsOfPart, rows - first);
        for (let row = 0; row < count; row++) add(values.subarray(row * width, (row + 1) * width));
      }
    },
  };
}
