import { tf } from "../estimators/core/autodiff.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { notBinarised, tableTask } from "./models/table-task.ts";
import { hiddenForm, hiddenSizes, initPerceptron, perceptron } from "./networks/dense.ts";
import { key, uniformAt } from "./noise.ts";
import type { Named, Settings, T, Term } from "./task.ts";

/** Position, velocity, angle from the vertical and angular velocity, in metres, radians and seconds. */
const [dimensions, episodes] = [4, 5000];

const sitesOf = (options: Settings) =>
  Array.from({ length: Number(options["horizon"]) }, (_, i) => ({
    name: `push${i + 1}`,
    family: bernoulli,
    shape: [1],
  }));

/** The state after 0.02 s with a push of 10 N to the right (b = 1) or left (b = 0), by Euler's method. [S, B, 4] */
function moved(before: T, push: T): T {
  const state = tf.add(before, tf.zeros([...push.shape])); // one state for every sample
  const [gravity, cart, pole, half, time] = [9.8, 1, 0.1, 0.5, 0.02];
  const [x, speed, angle, turn] = tf.split(state, 4, -1) as [T, T, T, T];
  const [sine, cosine] = [tf.sin(angle), tf.cos(angle)];
  const force = tf.mul(10, tf.sub(tf.mul(2, push), 1));
  const pulled = tf.div(tf.add(force, tf.mul(pole * half, tf.mul(tf.square(turn), sine))), cart + pole);
  const inertia = tf.mul(half, tf.sub(4 / 3, tf.mul(pole / (cart + pole), tf.square(cosine))));
  const turning = tf.div(tf.sub(tf.mul(gravity, sine), tf.mul(cosine, pulled)), inertia);
  const speeding = tf.sub(pulled, tf.mul((pole * half) / (cart + pole), tf.mul(turning, cosine)));
  const after = (value: T, rate: T) => tf.add(value, tf.mul(time, rate));
  return tf.concat([after(x, speed), after(speed, speeding), after(angle, turn), after(turn, turning)], -1);
}

/** 1 where the cart is within 2.4 m and the pole within 12 degrees, else 0. [S, B, 4] → [S, B, 1] */
function upright(state: T): T {
  const [x, , angle] = tf.split(state, 4, -1) as [T, T, T, T];
  return tf.mul(tf.step(tf.sub(2.4, tf.abs(x))), tf.step(tf.sub((12 * Math.PI) / 180, tf.abs(angle))));
}

/** One episode: for every time step whether the pole has been upright until then. [S, B, 1] each */
function episode(parameters: Named, start: T, options: Settings, push: (i: number, logits: T) => T): T[] {
  const layers = hiddenSizes(String(options["hidden"])).length + 1;
  let [state, alive] = [start, tf.onesLike(tf.slice(start, [0, 0, 0], [-1, -1, 1]))];
  return sitesOf(options).map((_, i) => {
    const logits = perceptron(parameters, { name: "policy", layers, activation: "tanh" }, state);
    state = moved(state, push(i, logits));
    alive = tf.mul(alive, upright(state));
    return alive;
  });
}

export default tableTask({
  name: "cartpole",
  title: "Cart and pole",
  aliases: ["cart-pole"],
  paper: "barto1983",
  doc: "Balances a pole on a cart by pushes to the left or right, one bit a time step, that a small network draws from the state. The cost is −(time steps until the pole falls), at most the horizon; one term a time step, so that credit=local uses what comes after a push.",
  options: {
    ...notBinarised,
    horizon: {
      default: 60,
      minimum: 1,
      maximum: 200,
      integer: true,
      doc: "time steps of an episode, and sites",
    },
    hidden: { default: "16", form: hiddenForm, doc: "hidden layers of the policy" },
    batch: count(16, "episodes of a step"),
    "learning-rate": { default: 0.01, minimum: 0, doc: "learning rate of Adam" },
  },
  steps: 300,
  metric: "cost",
  sites: sitesOf,
  valuesOnly: () => true,
  data() {
    const noise = key("cartpole", "starts");
    const values = Float32Array.from(
      { length: episodes * dimensions },
      (_, i) => 0.1 * uniformAt(noise, i) - 0.05,
    );
    return Promise.resolve({ shape: [episodes, dimensions], values, sums: {} });
  },
  init: (random, { options }) =>
    initPerceptron("policy", [dimensions, ...hiddenSizes(String(options["hidden"])), 1], random),
  model(parameters, { features }, _random, { options }) {
    const start = tf.expandDims(features!, 0);
    const names = sitesOf(options).map(({ name }) => name);
    return {
      program: ({ sample }): Term[] =>
        episode(parameters, start, options, (i, logits) => sample(names[i]!, logits)).map((alive, i) => ({
          cost: tf.neg(tf.squeeze(alive, [2])),
          sites: names.slice(0, i + 1),
        })),
    };
  },
  measures: {
    /** Time steps until the pole falls, when the more probable push is taken. */
    balanced(parameters, { features }, _random, { options }) {
      const steps = episode(parameters, tf.expandDims(features!, 0), options, (_, logits) => tf.step(logits));
      return tf.squeeze(
        steps.reduce((sum, alive) => tf.add(sum, alive)),
        [0, 2],
      );
    },
  },
});
