/** Tasks on a user's own rows of numbers. */
import type { Named, OptionSpecs, Settings, T } from "../../estimators/estimator.ts";
import { DataError } from "../data/data-error.ts";
import { binarise, columnMeans, copyRows, type SplitRows } from "../data/pixels.ts";
import { type Fractions, splitTable, type SplitTable, type TableFiles } from "../data/split-table.ts";
import type {
  Arrays,
  DataSource,
  Model,
  PictureProgram,
  Random,
  Split,
  Task,
  TaskDefinition,
} from "../task.ts";
import { binarised, finiteLogits } from "./image-task.ts";
import { oneHot } from "./labels.ts";
import { trainingFields, trainingOptions } from "./training-options.ts";

/** Options of every task on a table. */
const tableOptions = {
  binarisation: {
    default: "none",
    choices: ["none", "fixed", "dynamic", "threshold"],
    doc: "none: values as they are; of values in [0, 1], fixed: bits drawn once; dynamic: drawn at each step; threshold: at one half",
  },
  ...trainingOptions,
  optimiser: { ...trainingOptions.optimiser, default: "adam" },
  temperature: { ...trainingOptions.temperature, default: "exp:1:3e-4:0.5:500" },
} as const satisfies OptionSpecs;

/** For a table of numbers that are no intensities. */
export const notBinarised = {
  binarisation: { ...tableOptions.binarisation, choices: ["none"], doc: "values as they are" },
} as const satisfies OptionSpecs;

/** What is known of the table once it is read. */
export interface TableFacts {
  readonly options: Settings;
  /** The number F of columns. */
  readonly features: number;
  /** The names of the classes; none without labels. */
  readonly classes: readonly string[];
  /** The mean of each column over the training rows. [F] */
  readonly mean: Float32Array;
  /** The logits of `mean`, kept finite, for the last bias of a decoder of values in [0, 1]. [F] */
  readonly meanLogits: Float32Array;
}

type OfBatch<R> = (parameters: Named, batch: Named, random: Random, facts: TableFacts) => R;

export interface TableDefinition extends Omit<
  TaskDefinition,
  "version" | "doc" | "options" | "steps" | "create"
> {
  /** 1 by default. */
  readonly version?: number;
  /** The title by default. */
  readonly doc?: string;
  /** Added to `tableOptions`, whose defaults it may replace. */
  readonly options?: OptionSpecs;
  /** 10,000 by default. */
  readonly steps?: number;
  /** `elbo` by default: the cost is −log p(x | z) in nats. */
  readonly metric?: Task["metric"];
  /** Reads the rows: one table that is split by `fractions`, or one table for each split. */
  readonly data: (options: Settings, source: DataSource) => Promise<TableFiles>;
  /** Shares of training, validation and test; .8, .1 and .1 by default. */
  readonly fractions?: Fractions;
  /** The parameters before training. */
  readonly init: (random: Random, facts: TableFacts) => Named;
  /** The model of a batch: `features` [B, F], binarised if the options say so, and `labels` [B, classes] as one-hot rows. */
  readonly model: OfBatch<Model>;
  /** Further measures of each row [B], of the same batches. */
  readonly measures?: Readonly<Record<string, OfBatch<T>>>;
  readonly pictures?: (facts: TableFacts) => PictureProgram;
}

/** A task on a table, from how the table is read and what is learned from its rows. */
export function tableTask(definition: TableDefinition): TaskDefinition {
  const { data, fractions = [0.8, 0.1, 0.1], ...rest } = definition;
  if (fractions.some((share) => !(share > 0)) || Math.abs(fractions.reduce((a, b) => a + b) - 1) > 1e-6)
    throw new RangeError(`fractions must be positive and add up to 1, got ${fractions.join(", ")}.`);
  const { name, title, aliases, version = 1, paper, doc = title, options, variants } = rest;
  return {
    ...{ name, title, version, doc, steps: rest.steps ?? 10_000, sites: rest.sites },
    ...(aliases && { aliases }),
    ...(paper !== undefined && { paper }),
    ...(variants && { variants }),
    ...(rest.variantSteps && { variantSteps: rest.variantSteps }),
    ...(rest.valuesOnly && { valuesOnly: rest.valuesOnly }),
    options: { ...tableOptions, ...options },
    create: async (settings, source) =>
      createTable(rest, settings, splitTable(await data(settings, source), fractions)),
  };
}

function createTable(
  { name, sites, init, model, measures = {}, pictures, metric = "elbo" }: Omit<TableDefinition, "data">,
  options: Settings,
  table: SplitTable,
): Task {
  const binarisation = options["binarisation"] as TableBinarisation;
  const rows = (split: Split) => rowsOf(table, split, binarisation);
  const splits = { train: rows("train"), valid: rows("valid"), test: rows("test") };
  const mean = columnMeans(splits.train);
  const known = { options, features: table.columns, classes: table.classes };
  const facts: TableFacts = { ...known, mean, meanLogits: finiteLogits(mean) };
  /** A function of the batch as the model sees it. */
  const seen =
    <R>(f: OfBatch<R>) =>
    (parameters: Named, batch: Named, random: Random): R => {
      const features = binarised({ binarisation }, batch["features"]!, random, "");
      return f(parameters, { ...batch, features }, random, facts);
    };
  return {
    ...trainingFields(options),
    ...{ name, metric, sites: sites(options), features: table.columns, sums: table.sums },
    init: (random) => init(random, facts),
    model: seen(model),
    measures: Object.fromEntries(Object.entries(measures).map(([key, measure]) => [key, seen(measure)])),
    splits: { train: splits.train.rows, valid: splits.valid.rows, test: splits.test.rows },
    gather: (split, chosen, into) => gatherFrom(table, splits[split], chosen, into),
    ...(pictures && { pictures: pictures(facts) }),
  };
}

function gatherFrom(
  { splits, classes }: SplitTable,
  from: SplitRows,
  rows: Int32Array,
  into?: Arrays,
): Arrays {
  const { codes } = splits[from.split];
  const values = copyRows(from, rows, into?.["features"]?.values);
  return {
    features: { shape: [rows.length, from.width], values },
    ...(codes && { labels: oneHot(codes, rows, classes.length) }),
  };
}

type TableBinarisation = (typeof tableOptions.binarisation.choices)[number];

/** The rows of a split as they are learned. Throws a DataError for a value that cannot be binarised. */
function rowsOf({ splits, columns }: SplitTable, split: Split, binarisation: TableBinarisation): SplitRows {
  const { values } = splits[split];
  const found = { split, rows: values.length / columns, width: columns, values, scale: 1 };
  if (binarisation === "none") return found;
  const wrong = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (wrong >= 0)
    throw new DataError(
      `binarisation=${binarisation} needs values in [0, 1]; column ${wrong % columns} holds ${values[wrong]}. Readers divide by \`divisor\`.`,
    );
  return binarisation === "dynamic" ? found : { ...found, values: binarise(values, 1, split, binarisation) };
}
