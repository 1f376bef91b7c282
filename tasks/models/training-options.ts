/** Options of every task that learns from data: batches, the optimiser and its learning rate. */
import { count } from "../../estimators/core/shared-definition.ts";
import type { OptionSpecs, Settings } from "../../estimators/estimator.ts";
import type { Optimiser, Task } from "../task.ts";

export const trainingOptions = {
  batch: count(100, "rows of a step"),
  optimiser: { default: "sgd", choices: ["sgd", "adam", "radam"], doc: "optimiser; sgd has momentum" },
  momentum: { default: 0.9, minimum: 0, maximum: 0.9999, doc: "momentum of sgd" },
  "learning-rate": {
    default: 1e-3,
    minimum: 0,
    doc: "learning rate for the mean over the batch of nats per image",
  },
  decay: { default: 1, minimum: 0, maximum: 1, doc: "factor of the learning rate every `decay-every` steps" },
  "decay-every": {
    default: 1000,
    minimum: 1,
    integer: true,
    doc: "steps between decays of the learning rate",
  },
  temperature: {
    default: "exp:1:1e-5:0.5:1000",
    schedule: true,
    doc: "default temperature of estimators that relax samples",
  },
} as const satisfies OptionSpecs;

function optimiserOf(settings: Settings): Optimiser {
  const kind = settings["optimiser"] as "sgd" | "adam" | "radam";
  return kind === "sgd"
    ? { kind, momentum: Number(settings["momentum"]) }
    : { kind, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
}

/** The learning rate × decay^⌊t / every⌋ of step t. */
function learningRateOf(settings: Settings): (step: number) => number {
  const [rate, decay, every] = ["learning-rate", "decay", "decay-every"].map((name) =>
    Number(settings[name]),
  );
  return (step) => rate! * decay! ** Math.floor(step / every!);
}

/** The fields of a task that follow from `trainingOptions`. */
export const trainingFields = (settings: Settings) =>
  ({
    options: settings,
    rows: Number(settings["batch"]),
    optimiser: optimiserOf(settings),
    learningRate: learningRateOf(settings),
    temperature: String(settings["temperature"]),
  }) satisfies Partial<Task>;
