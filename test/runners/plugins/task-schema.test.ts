import test from "ava";
import { BenchError } from "../../../runners/errors.ts";
import { checkedDefinition } from "../../../runners/plugins/checked-task.ts";
import { toolkitIn } from "../../../runners/plugins/plugin-toolkit.ts";
import { asTaskDefinition } from "../../../runners/plugins/task-schema.ts";
import type { Model, Random, Task, TaskDefinition } from "../../../tasks/task.ts";
import { refusesEach } from "../options/parsed.ts";

const { tf, families, toyTask } = toolkitIn("");
const who = "plug-in ./mine.ts";
type Changes = Readonly<Record<string, unknown>>;

const site = { name: "b", family: families.bernoulli, shape: [2] };
const valid = () =>
  toyTask({
    ...{ name: "mine", title: "Mine", version: 1, doc: "Two bits.", options: {} },
    sites: () => [site],
    toy: () => ({
      init: () => ({ logits: tf.zeros([2]) }),
      cost: ({ logits }, sample) => tf.sum(sample("b", logits!), -1),
    }),
  });
const check = (changes: Changes) => asTaskDefinition(who, { ...valid(), ...changes });
const withSites = (...sites: readonly unknown[]) => ({ sites: () => sites });

test("asTaskDefinition returns the very value that it was given", (t) => {
  const value = valid();
  t.is(asTaskDefinition(who, value), value);
});

refusesEach("a wrong field of a definition is named, with its value", check, [
  [{ title: undefined }, /^plug-in \.\/mine\.ts: title is missing\.$/],
  [{ name: "My Own" }, /name must be lower-case letters and digits, joined by dashes, got "My Own"\.$/],
  [{ version: 0 }, /version must be at least 1, got 0\.$/],
  [{ steps: 1.5 }, /steps must be a whole number, got 1\.5\.$/],
  [{ stesp: 5 }, /unknown field "stesp"\. Did you mean "steps"\?$/],
  [{ create: 5 }, /create expects a function, got 5\.$/],
  [{ options: { t: { default: 0, minimum: 1, doc: "t" } } }, /options\.t\.default must be at least 1, got 0/],
  [{ variants: { a: { row: 5 } } }, /variants\.a: "row"\. Did you mean "rows"\?$/],
  [withSites(), /sites must not be empty, got \[\]\.$/],
  [withSites({ ...site, shape: [0] }), /sites\.0\.shape\.0 must be at least 1, got 0\.$/],
  [
    withSites({ ...site, shape: [2, 3] }),
    /sites\.0\.shape must be \[variables\] for bernoulli, got \[2, 3\]/,
  ],
  [withSites({ ...site, family: "bernoulli" }), /sites\.0\.family must be a family of the toolkit, such/],
  [withSites(site, site), /sites lists the site "b" twice\.$/],
  [withSites({ ...site, parents: ["a"] }), /sites\.0\.parents names "a", which is no earlier site\.$/],
] as readonly (readonly [Changes, RegExp])[]);

const settings = { rows: 1, "learning-rate": 0.1 };

/** The task that a definition creates with some of its fields changed. */
async function created(changes: (task: Task) => Changes): Promise<Task> {
  const definition: TaskDefinition = {
    ...valid(),
    async create(options, source) {
      const task = await valid().create(options, source);
      return { ...task, ...changes(task) };
    },
  };
  return checkedDefinition(`${who}: task mine`, definition).create(settings, {});
}

const features = (shape: readonly number[], length: number) => ({
  gather: () => ({ features: { shape, values: new Float32Array(length) } }),
});
const broken: readonly (readonly [what: string, changes: Changes, says: RegExp])[] = [
  ["no model", { model: undefined }, /^plug-in \.\/mine\.ts: task mine: model is missing\.$/],
  ["an unknown field", { gathr: 5 }, /unknown field "gathr"\. Did you mean "gather"\?$/],
  ["another name", { name: "other" }, /name must be that of its definition, got "other"\.$/],
  [
    "other sites",
    { sites: [{ ...site, shape: [3] }] },
    /sites must be those of its definition, b bernoulli \[2\], got b bernoulli \[3\]\.$/,
  ],
  [
    "no training rows",
    { splits: { train: 0, valid: 0, test: 0 } },
    /splits\.train must be at least 1, got 0/,
  ],
  ["an unknown optimiser", { optimiser: { kind: "adm" } }, /optimiser\.kind expects "sgd" or .*got "adm"\.$/],
  [
    "a rate that is none",
    { learningRate: () => NaN },
    /learningRate must return a number, at least 0, got NaN/,
  ],
  ["a wrong schedule", { temperature: "exp:1" }, /temperature: invalid schedule "exp:1"/],
  [
    "no features",
    { gather: () => ({}) },
    /gather\("train", rows\): features must be \[rows, 1\].*got \[\]\.$/,
  ],
  [
    "wide features",
    features([2, 3], 6),
    /features must be \[rows, 1\] as the field features says, got \[2, 3\]/,
  ],
  ["too few values", features([2, 1], 1), /features has shape \[2, 1\] and 1 values for 2 rows\.$/],
  [
    "a promise",
    { gather: () => Promise.resolve({}) },
    /must return arrays by name at once, got a promise\.$/,
  ],
  [
    "missing values",
    { gather: () => ({ features: { shape: [2, 1], values: Float32Array.of(0, NaN) } }) },
    /features holds NaN; values must be finite\.$/,
  ],
];
for (const [what, changes, message] of broken)
  test(`a task with ${what} is refused where it is created`, async (t) => {
    await t.throwsAsync(
      created(() => changes),
      { instanceOf: BenchError, message },
    );
  });

test("an error of create is one sentence with the stack below", async (t) => {
  const definition = { ...valid(), create: () => Promise.reject(new Error("no file")) };
  const error = await t.throwsAsync<BenchError>(checkedDefinition(who, definition).create(settings, {}), {
    message: "plug-in ./mine.ts: create does not work: no file.",
  });
  t.regex(error?.detail ?? "", /at /);
});

test("a create that waits for ever, or ends the process, is an error", async (t) => {
  const refused = (create: () => Promise<Task>) =>
    t.throwsAsync(checkedDefinition(who, { ...valid(), create }, 0.3).create(settings, {}), {
      instanceOf: BenchError,
    });
  const waiting = await refused(() => new Promise(() => undefined));
  t.is(waiting.message, `${who}: create does not work: it did not end within 0.3 s.`);
  const exiting = await refused(() => process.exit(0));
  t.regex(
    exiting.message,
    /create does not work: process\.exit\(0\) was called while the task is created; a plug-in/,
  );
});

const rows = (count: number, width = 1) => ({
  features: { shape: [count, width], values: new Float32Array(count * width) },
});
const random: Random = (_tag, shape) => tf.fill([...shape], 0.5);
const zeros = () => tf.zeros([1, 1, 2]);
const trace = { sample: zeros, codes: zeros, prior: () => undefined, normal: zeros };
const programOf = (task: Task) => task.model({}, {}, random).program(trace);
const models = (program: unknown) => ({ model: () => ({ program }) as Model });
const uses: readonly (readonly [string, Changes, (task: Task) => unknown, RegExp])[] = [
  [
    "gathers other shapes later",
    { gather: (_: string, { length }: Int32Array) => rows(length, length === 2 ? 1 : 4) },
    (task) => task.gather("train", Int32Array.of(0)),
    /gather\("train", rows\): features is \[rows, 4\], but was \[rows, 1\] in the first batch; shapes must not/,
  ],
  [
    "gathers another number of rows",
    { gather: () => rows(2) },
    (task) => task.gather("train", Int32Array.of(0)),
    /features has 2 rows instead of 1\.$/,
  ],
  [
    "starts at NaN",
    { init: () => ({ a: tf.scalar(NaN) }) },
    (task) => task.init(random),
    /parameter a is not finite/,
  ],
  [
    "starts from numbers",
    { init: () => ({ a: 5 }) },
    (task) => task.init(random),
    /must return tensors, got 5 for a/,
  ],
  ["starts from whole numbers", { init: () => ({ a: tf.scalar(1, "int32") }) }, (task) => task.init(random), /parameter a must be float32, got int32/], // prettier-ignore
  [
    "has no program",
    { model: () => 5 },
    programOf,
    /model must return an object with a function program, got 5/,
  ],
  [
    "returns no cost",
    models(() => undefined),
    programOf,
    /must return a cost \[samples, rows\] .*, got nothing/,
  ],
  ["returns a promise", models(() => Promise.resolve()), programOf, /must return a cost .*, got a promise/],
  ["returns no terms", models(() => []), programOf, /must return a cost .*, got \[\]/],
  [
    "gives numbers as logits",
    models(({ sample }: { sample: (name: string, logits: unknown) => unknown }) => sample("b", [0, 0])),
    programOf,
    /^task mine: sample\("b", \.\.\.\) takes tensors, got \[0,0\]/,
  ],
];
for (const [what, changes, use, message] of uses)
  test(`a task that ${what} is refused where it is used`, async (t) => {
    const task = await created(() => changes);
    t.throws(() => use(task), { message });
  });
