import { tf } from "../estimators/core/autodiff.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { subset } from "../estimators/distributions/subset.ts";
import { trainingFields, trainingOptions } from "./models/training-options.ts";
import { hiddenForm, hiddenSizes, initPerceptron, perceptron } from "./networks/dense.ts";
import { categoricalCost } from "./networks/likelihood.ts";
import { fillNormal, key, uniformAt } from "./noise.ts";
import { type Named, type Settings, type Split, type T, task } from "./task.ts";

const columns = 10;
/** The size of the subset: as many features as the labels of a row depend on. */
const relevantFeatures = { xor: 2, "orange-skin": 4, "nonlinear-additive": 4, switch: 5 } as const;
type DataName = keyof typeof relevantFeatures;
const dataNames = Object.keys(relevantFeatures) as DataName[];
/** Rows are functions of their number, so that a million of them need no memory. */
const splits = { train: 1_000_000, valid: 10_000, test: 10_000 } as const;

const xor = (x: Float32Array): number => x[0]! * x[1]!;
const orangeSkin = (x: Float32Array): number => x.slice(0, 4).reduce((sum, one) => sum + one ** 2, -4);
const nonlinearAdditive = ([a, b, c, d]: Float32Array): number =>
  -100 * Math.sin(0.2 * a!) + Math.abs(b!) + c! + Math.exp(-d!) - 2.4;

interface Row {
  readonly features: Float32Array;
  /** The log odds of class 0. */
  readonly logOdds: number;
  /** 1 at the features on which these depend. */
  readonly relevant: readonly number[];
}

/** A row from its standard normal features; `upper` chooses the mixture component of `switch`. */
export function labelled(name: DataName, normal: Float32Array, upper: boolean): Row {
  const at = (first: number, ...more: number[]) =>
    Array.from(normal, (_, i) =>
      Number((i >= first && i < first + (name === "xor" ? 2 : 4)) || more.includes(i)),
    );
  if (name === "xor") return { features: normal, logOdds: xor(normal), relevant: at(0) };
  if (name === "orange-skin") return { features: normal, logOdds: orangeSkin(normal), relevant: at(0) };
  if (name === "nonlinear-additive")
    return { features: normal, logOdds: nonlinearAdditive(normal), relevant: at(0) };
  const features = normal.slice();
  features[columns - 1]! += upper ? 3 : -3;
  return upper
    ? { features, logOdds: orangeSkin(features), relevant: at(0, columns - 1) }
    : { features, logOdds: nonlinearAdditive(features.subarray(4)), relevant: at(4, columns - 1) };
}

const dataOf = (options: Settings) => options["dataset"] as DataName;
const sitesOf = (options: Settings) => [
  { name: "z", family: subset(relevantFeatures[dataOf(options)]), shape: [1, columns] },
];

export default task({
  name: "l2x",
  title: "Learning to explain",
  aliases: ["feature-selection"],
  version: 1,
  paper: "chen2018",
  doc: "Selects k of 10 features of each row from which a second network predicts the label: the synthetic data of Learning to Explain, of which the relevant features are known. `tpr` is the share of the relevant features among the k with the largest logits, `accuracy` that of the prediction from these.",
  options: {
    dataset: {
      default: "switch",
      choices: dataNames,
      doc: "labels depend on the first 2 features (xor) or 4 (orange-skin, nonlinear-additive), or, by the sign of the last one's mean, on features 1 to 4 or 5 to 8 (switch)",
    },
    explainer: { default: "100-100", form: hiddenForm, doc: "hidden layers of the network that selects" },
    classifier: { default: "200-200", form: hiddenForm, doc: "hidden layers of the network that predicts" },
    ...trainingOptions,
    batch: count(100, "rows of a step"),
    optimiser: { ...trainingOptions.optimiser, default: "adam" },
    temperature: { ...trainingOptions.temperature, default: "0.5" },
  },
  steps: 5000,
  sites: sitesOf,
  create(settings) {
    const name = dataOf(settings);
    const [{ family }] = sitesOf(settings) as [ReturnType<typeof sitesOf>[0]];
    const layersOf = (net: string, last: number) => [columns, ...hiddenSizes(String(settings[net])), last];
    const [explainer, classifier] = [layersOf("explainer", columns), layersOf("classifier", 2)];
    const net = (parameters: Named, who: string, sizes: readonly number[], x: T): T =>
      perceptron(parameters, { name: who, layers: sizes.length - 1, activation: "relu" }, x);
    const logitsOf = (parameters: Named, x: T): T =>
      tf.expandDims(net(parameters, "explainer", explainer, x), 1); // [B, 1, 10]
    /** Logits of the classes from the chosen features: x [B, 10], z [..., B, 1, 10] → [..., B, 2] */
    const classify = (parameters: Named, x: T, z: T): T =>
      net(parameters, "classifier", classifier, tf.mul(x, tf.squeeze(z, [-2])));
    const chosen = (parameters: Named, x: T): T => family.mode(logitsOf(parameters, x));
    return Promise.resolve({
      ...trainingFields(settings),
      ...{ name: "l2x", metric: "cost", sites: sitesOf(settings), features: columns, splits, sums: {} },
      init: (random) => ({
        ...initPerceptron("explainer", explainer, random),
        ...initPerceptron("classifier", classifier, random),
      }),
      model: (parameters, { features, labels }) => ({
        program: ({ sample }) =>
          categoricalCost(
            classify(parameters, features!, sample("z", logitsOf(parameters, features!))),
            labels!,
          ),
      }),
      measures: {
        accuracy(parameters, { features, labels }) {
          const classes = classify(parameters, features!, chosen(parameters, features!));
          return tf.cast(tf.equal(tf.argMax(classes, -1), tf.argMax(labels!, -1)), "float32");
        },
        tpr(parameters, { features, relevant }) {
          const z = tf.squeeze(chosen(parameters, features!), [1]);
          return tf.div(tf.sum(tf.mul(z, relevant!), -1), tf.sum(relevant!, -1));
        },
      },
      gather(split, rows, into) {
        const filled = (field: string, width: number) =>
          into?.[field] ?? { shape: [rows.length, width], values: new Float32Array(rows.length * width) };
        const batch = {
          features: filled("features", columns),
          labels: filled("labels", 2),
          relevant: filled("relevant", columns),
        };
        rows.forEach((row, i) => {
          const { features, logOdds, relevant } = rowOf(name, split, row);
          batch.features.values.set(features, i * columns);
          batch.relevant.values.set(relevant, i * columns);
          const p = 1 / (1 + Math.exp(-logOdds));
          batch.labels.values.set([p, 1 - p], 2 * i);
        });
        return batch;
      },
    });
  },
});

/** A row of a split, the same in every run. */
function rowOf(name: DataName, split: Split, row: number): Row {
  const normal = new Float32Array(columns);
  fillNormal(key("l2x", split), normal, row * columns);
  return labelled(name, normal, uniformAt(key("l2x", split, "component"), row) > 0.5);
}
