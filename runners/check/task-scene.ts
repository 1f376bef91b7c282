/**
 * What the checks of a task look at: the task with parameters, some rows and fixed samples of its sites. There are two such
 * scenes. One has the task's own options. The other has so few variables that all their joint outcomes are its samples, where
 * the task has options that make it so small.
 */
import exact from "../../estimators/exact.ts";
import { configurations, enumerate } from "../../estimators/core/configurations.ts";
import { tf } from "../../estimators/core/autodiff.ts";
import { hard } from "../../estimators/core/toolkit.ts";
import type { Named, Settings } from "../../estimators/estimator.ts";
import type { Arrays, DataSource, Task, TaskDefinition } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import { stream } from "../train/noise-streams.ts";
import { setUpTraining } from "../train/training-setup.ts";
import { evaluate, type Scene } from "./scene-values.ts";
import { seed } from "./subject.ts";

/** A task as the user named it. */
export interface TestedTask {
  readonly definition: TaskDefinition;
  readonly settings: Settings;
  readonly label: string;
}

export interface TaskSubject extends TestedTask {
  /** Runs tensor by tensor. */
  readonly engine: Engine;
  readonly source: DataSource;
  /** The task with its options, and a few samples. */
  readonly whole: () => Promise<Scene>;
  /** The task with few variables and all their joint outcomes, or `whole` where no option makes it so small. */
  readonly small: () => Promise<Scene>;
}

/** The most joint outcomes that are enumerated. */
const mostOutcomes = 256;
export const sceneRows = 4;
const sceneSamples = 16;

const once = <X>(make: () => Promise<X>): (() => Promise<X>) => {
  let made: Promise<X> | undefined;
  return () => (made ??= make());
};

export function taskSubject(tested: TestedTask, engine: Engine, source: DataSource): TaskSubject {
  const { definition, settings } = tested;
  const create = (options: Settings) => definition.create(options, source);
  const whole = once(async () => openScene(engine, await create(settings), ""));
  const small = once(async () => {
    const fewer = enumerableSettings(definition, settings);
    if (!fewer) return whole();
    const changed = Object.entries(fewer).filter(([name, value]) => value !== settings[name]);
    const changes = changed.map(([name, value]) => `${name}=${value}`).join(",");
    try {
      return await openScene(engine, await create(fewer), changes);
    } catch (error) {
      // Options that do not go together may be refused. The user's go together.
      if (changes === "") throw error;
      return whole();
    }
  });
  return { ...tested, engine, source, whole, small };
}

/**
 * The settings with so few variables that their joint outcomes can be enumerated; undefined where no option has this
 * effect. In turn, the option that lowers the number of outcomes most is halved, to 1 only where there is no other.
 */
function enumerableSettings(definition: TaskDefinition, settings: Settings): Settings | undefined {
  const count = (options: Settings): number => {
    try {
      return configurations(definition.sites(options));
    } catch {
      return Infinity;
    }
  };
  let current = settings;
  while (count(current) > mostOutcomes) {
    const halved = Object.entries(definition.options).flatMap(([name, { integer, minimum = 1 }]) => {
      const value = current[name];
      if (typeof value !== "number" || integer !== true) return [];
      const half = Math.ceil(value / 2);
      const options = { ...current, [name]: half };
      return half >= minimum && count(options) < count(current) ? [{ half, options }] : [];
    });
    const order = halved.toSorted((a, b) => count(a.options) - count(b.options));
    const best = order.find(({ half }) => half > 1) ?? order[0];
    if (!best) return undefined;
    current = best.options;
  }
  return current;
}

/** Each value moved by up to a quarter of the array's root mean square, or of 1 where all are zero. */
function moved(arrays: Arrays): Arrays {
  const fill = stream("check task moves", seed);
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => {
      const size = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length) || 1;
      const uniforms = new Float32Array(values.length);
      fill(name, uniforms);
      return [name, { shape, values: values.map((x, i) => x + (uniforms[i]! - 0.5) * 0.5 * size) }];
    }),
  );
}

async function openScene(engine: Engine, task: Task, changes: string): Promise<Scene> {
  const setup = await setUpTraining(task, exact, {}, seed);
  const rows = rowsFrom(task, 0);
  const enumerated = configurations(task.sites) <= mostOutcomes;
  const scene = { task, setup, parameters: moved(setup.initial.parameters), rows, enumerated, changes };
  const samples = enumerated
    ? everyOutcome(task, rows.length)
    : await drawnSamples(engine, { ...scene, samples: {} }, sceneSamples);
  return { ...scene, samples };
}

/** A few training rows from a row on. */
export const rowsFrom = ({ splits }: Task, first: number, count = sceneRows): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => (first + i) % splits.train);

function everyOutcome({ sites }: Task, rows: number): Arrays {
  const total = configurations(sites);
  return Object.fromEntries(
    sites.map(({ name, shape }, index) => {
      const table = enumerate(sites, index);
      const size = table.length / total;
      const values = new Float32Array(rows * table.length);
      for (let n = 0; n < total; n++)
        for (let b = 0; b < rows; b++)
          values.set(table.subarray(n * size, (n + 1) * size), (n * rows + b) * size);
      return [name, { shape: [total, rows, ...shape], values }];
    }),
  );
}

/** Hard samples of the model, or of variables whose outcomes are equally likely; another tag gives others. */
export const drawnSamples = (
  engine: Engine,
  scene: Scene,
  count: number,
  { uniform = false, tag = "" }: { readonly uniform?: boolean; readonly tag?: string } = {},
): Promise<Arrays> =>
  evaluate(engine, scene, ({ open, noise }) => {
    const samples: Named = {};
    open().run((site) => {
      const { name, shape, logits } = site;
      const u = noise(`check/${name}/${tag}`, [count, scene.rows.length, ...shape]);
      return (samples[name] = hard({ ...site, logits: uniform ? tf.zerosLike(logits) : logits }, u));
    });
    return samples;
  });
