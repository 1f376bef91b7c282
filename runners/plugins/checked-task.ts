/** Tasks of plug-ins, checked where they are created and while they run: each mistake is one sentence that names it. */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, Settings, T } from "../../estimators/estimator.ts";
import type { Arrays, DataSource, Model, Split, Task, TaskDefinition, Trace } from "../../tasks/task.ts";
import { exitOf, lineOf, mistake } from "../errors.ts";
import { valueText } from "../options/schema.ts";
import { withExitBlocked } from "./block-exit.ts";
import { asTask, checkSites } from "./task-schema.ts";
import { withTimeLimit } from "./time-limit.ts";

/** Seconds in which a task must be created; reading data may take long. */
const createSeconds = 600;

/** The definition with its sites and its task checked. `who` names the plug-in in errors. */
export const checkedDefinition = (
  who: string,
  definition: TaskDefinition,
  seconds = createSeconds,
): TaskDefinition => ({
  ...definition,
  sites: (options) => checkSites(who, definition.sites(options)),
  create: (options, source) => createChecked(who, definition, { options, source, seconds }),
});

interface Creation {
  readonly options: Settings;
  readonly source: DataSource;
  readonly seconds: number;
}

async function createChecked(
  who: string,
  definition: TaskDefinition,
  { options, source, seconds }: Creation,
): Promise<Task> {
  try {
    return await withTimeLimit(seconds, () =>
      withExitBlocked("while the task is created", async () => {
        const task = asTask(who, definition, options, await definition.create(options, source));
        return checkedTask(task, checkData(who, task));
      }),
    );
  } catch (error) {
    if (exitOf(error) !== undefined) throw error;
    const failed = mistake(`${who}: create does not work: ${lineOf(error)}.`, error);
    if (error instanceof Error && error.stack !== undefined) failed.detail = error.stack;
    throw failed;
  }
}

/** The size of each row of the inputs, by name. */
type RowShapes = ReadonlyMap<string, string>;

const rowText = (shape: readonly number[]) => ["rows", ...shape.slice(1)].join(", ");

/** Gathers some rows of each split and checks them. Returns the shapes of their inputs. */
function checkData(who: string, task: Task): RowShapes {
  let shapes: RowShapes | undefined;
  for (const split of ["train", "valid", "test"] as const) {
    const total = task.splits[split];
    if (total === 0) continue;
    const rows = Int32Array.of(0, total - 1);
    const where = `${who}: gather("${split}", rows)`;
    const arrays: unknown = task.gather(split, rows);
    checkArrays(where, arrays, rows.length);
    const features = arrays["features"]?.shape.join(", ");
    if (features !== `${rows.length}, ${task.features}`)
      throw mistake(
        `${where}: features must be [rows, ${task.features}] as the field features says, got [${features ?? ""}].`,
      );
    for (const [name, { values }] of Object.entries(arrays)) {
      const wrong = values.find((value) => !Number.isFinite(value));
      if (wrong !== undefined) throw mistake(`${where}: ${name} holds ${wrong}; values must be finite.`);
    }
    shapes ??= new Map(Object.entries(arrays).map(([name, { shape }]) => [name, rowText(shape)]));
    checkShapes(where, arrays, rows.length, shapes);
  }
  return shapes!;
}

function checkArrays(where: string, arrays: unknown, rows: number): asserts arrays is Arrays {
  if (typeof arrays !== "object" || arrays === null || arrays instanceof Promise)
    throw mistake(`${where} must return arrays by name at once, got ${kindOf(arrays)}.`);
  for (const [name, array] of Object.entries(arrays as Partial<Arrays>)) {
    const { shape, values } = array ?? {};
    if (!Array.isArray(shape) || !(values instanceof Float32Array))
      throw mistake(`${where}: ${name} must be { shape, values } with values in a Float32Array.`);
    const sizes = shape as readonly number[];
    if (sizes[0] !== rows || sizes.reduce((a, b) => a * b, 1) !== values.length)
      throw mistake(
        `${where}: ${name} has shape [${sizes.join(", ")}] and ${values.length} values for ${rows} rows.`,
      );
  }
}

/** Throws where the inputs or their sizes differ from those of the first batch, since a step is compiled for these. */
function checkShapes(where: string, arrays: Arrays, rows: number, shapes: RowShapes): void {
  for (const [name, { shape }] of Object.entries(arrays)) {
    const known = shapes.get(name);
    if (shape[0] !== rows) throw mistake(`${where}: ${name} has ${shape[0]} rows instead of ${rows}.`);
    if (known === undefined || known !== rowText(shape))
      throw mistake(
        `${where}: ${name} is [${rowText(shape)}], but ${known === undefined ? "the first batch had no such input" : `was [${known}] in the first batch`}; shapes must not change.`,
      );
  }
  for (const name of shapes.keys())
    if (!(name in arrays)) throw mistake(`${where}: ${name} is missing, but was in the first batch.`);
}

/** The task, with what its functions return checked. */
function checkedTask(task: Task, shapes: RowShapes): Task {
  const who = `task ${task.name}`;
  return {
    ...task,
    init: (random) => checkedInit(who, task.init(random)),
    model: (...given) => checkedModel(who, task.model(...given)),
    gather(split: Split, rows, into) {
      const arrays = task.gather(split, rows, into);
      checkShapes(`${who}: gather("${split}", rows)`, arrays, rows.length, shapes);
      return arrays;
    },
  };
}

const isTensor = (value: unknown): value is T => value instanceof tf.Tensor;

function kindOf(value: unknown): string {
  return value instanceof Promise ? "a promise" : isTensor(value) ? "a tensor" : valueText(value);
}

/** Values before training are read on a backend that allows it. */
function checkedInit(who: string, parameters: unknown): Named {
  if (
    typeof parameters !== "object" ||
    parameters === null ||
    parameters instanceof Promise ||
    isTensor(parameters)
  )
    throw new Error(`${who}: init must return tensors by name, got ${kindOf(parameters)}`);
  for (const [name, value] of Object.entries(parameters)) {
    if (!isTensor(value))
      throw new Error(`${who}: init must return tensors, got ${kindOf(value)} for ${name}`);
    if (value.dtype !== "float32")
      throw new Error(`${who}: the parameter ${name} must be float32, got ${value.dtype}`);
    if (!tf.tidy(() => tf.all(tf.isFinite(value)).dataSync()[0]))
      throw new Error(`${who}: the parameter ${name} is not finite before training`);
  }
  return parameters as Named;
}

function checkedModel(who: string, model: unknown): Model {
  const { program } = (model ?? {}) as Partial<Model>;
  if (typeof program !== "function")
    throw new Error(`${who}: model must return an object with a function program, got ${kindOf(model)}`);
  return {
    ...(model as Model),
    program(trace) {
      const cost: unknown = program(checkedTrace(who, trace));
      const terms = Array.isArray(cost)
        ? (cost as readonly { cost?: unknown; sites?: unknown }[])
        : undefined;
      const fits = terms
        ? terms.length > 0 && terms.every((term) => isTensor(term.cost) && Array.isArray(term.sites))
        : isTensor(cost);
      if (!fits)
        throw new Error(
          `${who}: its program must return a cost [samples, rows] or terms { cost, sites }, got ${kindOf(cost)}`,
        );
      return cost as T;
    },
  };
}

/** The trace, which refuses logits that are no tensors. */
function checkedTrace(who: string, trace: Trace): Trace {
  const checked =
    <A extends readonly unknown[], R>(method: string, f: (name: string, ...given: A) => R) =>
    (name: string, ...given: A): R => {
      const wrong = given.find((value) => value !== undefined && !isTensor(value));
      if (given.length === 0 || given[0] === undefined || wrong !== undefined)
        throw new Error(`${who}: ${method}("${name}", ...) takes tensors, got ${kindOf(wrong)}`);
      return f(name, ...given);
    };
  return {
    sample: checked("sample", trace.sample),
    codes: checked("codes", trace.codes),
    prior: checked("prior", trace.prior),
    normal: checked("normal", trace.normal),
  };
}
