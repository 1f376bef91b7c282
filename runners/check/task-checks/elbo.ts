/**
 * The training cost and the log weights are of one ELBO: E_q[cost] with the divergences in closed form equals
 * E_q[−log weight]; and Σ_z q(z) weight(z) = p(x), with q normalised by enumeration, is the same for the logits of q as for
 * others, where all sites have priors.
 *
 * Where all outcomes are enumerated and there is no normal variable, both are sums, compared up to |x − y| ≤ 10⁻⁴(1 + |x|), and
 * there are no error rates. Otherwise the mean difference of both at the same draws is tested against zero: a false alarm has
 * probability 10⁻⁶ (means of at least 1,000 draws are taken as normal), and a difference of the size stated, 4.9 standard
 * errors, is found with probability ½, one twice as large is missed with probability under 10⁻⁶.
 */
import { tf } from "../../../estimators/core/autodiff.ts";
import { hard } from "../../../estimators/core/toolkit.ts";
import type { Sample, T } from "../../../estimators/estimator.ts";
import { stream } from "../../train/noise-streams.ts";
import { criticalValue } from "../../../reports/aggregate/normal-tail.ts";
import { type Check, drawCount, fail, type Outcome, pass } from "../outcome.ts";
import { seed } from "../subject.ts";
import { evaluate, given, observe, type Parts, type Scene, withProgram } from "../scene-values.ts";
import { rowsFrom, type TaskSubject } from "../task-scene.ts";

const tolerance = 1e-4;
const falseAlarm = 1e-6;
/** Draws where the outcomes are enumerated, each of which costs as many evaluations, and where they are not. */
const drawsOf = { enumerated: 1000, drawn: 8000 };
/** Rows of a call where draws are random. */
const drawnRows = 32;

/** What is compared: cost − (−log weight), for each row or each draw, and the size of the latter. */
function differences({ open, samples, noise }: Parts, enumerated: boolean) {
  const { run, direct } = open();
  const drawn: Record<string, T> = {};
  const sample: Sample = enumerated
    ? given(samples)
    : (site) => (drawn[site.name] ??= hard(site, noise(`check/${site.name}`, samples[site.name]!.shape)));
  const { cost, logp } = run(sample);
  const weight = open({ form: "weight" }).run(sample).cost;
  const difference = tf.sub(tf.add(cost, direct() ?? 0), weight);
  const expected = (x: T) => (enumerated ? tf.sum(tf.mul(tf.exp(logp), x), 0) : x);
  return { difference: expected(difference), weight: expected(weight) };
}

/** The scene on more rows, with as many samples. */
const onRows = (scene: Scene, count: number): Scene => ({
  ...scene,
  rows: rowsFrom(scene.task, 0, count),
  samples: Object.fromEntries(
    Object.entries(scene.samples).map(
      ([
        name,
        {
          shape: [S, rows, ...event],
          values,
        },
      ]) => {
        const size = values.length / S! / rows!;
        const wide = new Float32Array(S! * count * size);
        for (let s = 0; s < S!; s++)
          for (let b = 0; b < count; b++)
            wide.set(
              values.subarray((s * rows! + (b % rows!)) * size).subarray(0, size),
              (s * count + b) * size,
            );
        return [name, { shape: [S!, count, ...event], values: wide }];
      },
    ),
  ),
});

const advice =
  "Return the same −log p(x | z) in every run, use a family's kl, entropy and logProb as they are, and take noise beside samples from normal";

async function compareForms({ engine }: TaskSubject, scene: Scene): Promise<Outcome> {
  let normals = false;
  const body = (parts: Parts) => {
    observe({
      ...parts,
      task: withProgram(
        parts.task,
        (program) => (trace) =>
          program({ ...trace, normal: (...args) => ((normals = true), trace.normal(...args)) }),
      ),
    });
    return differences(parts, scene.enumerated);
  };
  const exact = await evaluate(engine, scene, body);
  const random = normals || !scene.enumerated;
  if (!random) {
    const [difference, weight] = [exact["difference"]!.values, exact["weight"]!.values];
    const worst = Math.max(...difference.map((x, i) => Math.abs(x) / (1 + Math.abs(weight[i]!))));
    const means = `E_q[cost] with its divergences and E_q[−log weight] ${worst <= tolerance ? "agree" : "differ"}, to ${worst.toExponential(1)} (1 + |x|)`;
    return worst <= tolerance
      ? pass(`${means}, over ${scene.samples[scene.task.sites[0]!.name]!.shape[0]} outcomes.`)
      : fail(`${means}, at most ${tolerance} is allowed. ${advice}.`);
  }
  const wide = onRows(scene, drawnRows);
  let [n, sum, squares] = [0, 0, 0];
  const draws = scene.enumerated ? drawsOf.enumerated : drawsOf.drawn;
  for (let call = 0; n < draws; call++) {
    const fill = stream("check elbo", scene.task.name, seed, call);
    const { difference } = await evaluate(
      engine,
      wide,
      (parts) => differences(parts, scene.enumerated),
      fill,
    );
    for (const x of difference!.values) {
      n += 1;
      sum += x;
      squares += x * x;
    }
  }
  const mean = sum / n;
  const error = Math.max(Math.sqrt(Math.max(0, squares / n - mean ** 2) / n), tolerance);
  const threshold = criticalValue(falseAlarm);
  const z = mean / error;
  const numbers = { z, threshold, detectable: threshold * error, draws: n };
  const sentence = `E_q[cost] with its divergences is E_q[−log weight] ${mean < 0 ? "−" : "+"} ${Math.abs(mean).toPrecision(2)} nats, z = ${z.toFixed(2)} (threshold ${threshold.toFixed(2)}), over ${drawCount(n)}`;
  return Math.abs(z) <= threshold
    ? pass(`${sentence}. A difference of ${numbers.detectable.toPrecision(2)} nats is detectable.`, numbers)
    : fail(`${sentence}. ${advice}.`, numbers);
}

/** log Σ_z q(z) weight(z) / Σ_z q(z) for the logits of q and for these moved by a random amount. [B] each */
async function evidences({ engine }: TaskSubject, scene: Scene) {
  const evidence = (shifted: boolean) =>
    evaluate(engine, scene, ({ task, noise, samples, open }) => {
      const shift = (name: string, logits: T): T => {
        const { shape } = task.sites.find((site) => site.name === name)!;
        return tf.add(logits, tf.mul(3, tf.sub(noise(`check/shift/${name}`, shape), 0.5)));
      };
      const other = withProgram(
        task,
        (program) => (trace) =>
          program({
            ...trace,
            sample: (name, logits, prior) => trace.sample(name, shift(name, logits), prior),
          }),
      );
      const { cost, logp } = open({ form: "weight", task: shifted ? other : task }).run(given(samples));
      return { evidence: tf.sub(tf.logSumExp(tf.sub(logp, cost), 0), tf.logSumExp(logp, 0)) };
    });
  const [first, second] = [await evidence(false), await evidence(true)];
  return { first: first["evidence"]!.values, second: second["evidence"]!.values };
}

async function compareEvidence(subject: TaskSubject, scene: Scene): Promise<Outcome> {
  const { first, second } = await evidences(subject, scene);
  const worst = Math.max(...first.map((x, i) => Math.abs(x - second[i]!) / (1 + Math.abs(x))));
  return worst <= tolerance
    ? pass(` Importance weights of two q give the same log p(x), to ${worst.toExponential(1)} (1 + |x|).`)
    : fail(
        `Importance weights of two q give values of log p(x) that differ by ${worst.toExponential(1)} (1 + |x|), at most ${tolerance} is allowed: Σ_z q(z) weight(z) depends on q. See logProb of the site's family, and the prior.`,
      );
}

export const elbo: Check<TaskSubject> = {
  name: "elbo",
  async run(subject) {
    const scene = await subject.small();
    const forms = await compareForms(subject, scene);
    const on = scene.changes === "" ? "" : ` With ${scene.changes}.`;
    if (forms.state === "fail") return { ...forms, detail: `${forms.detail}${on}` };
    let priors = 0;
    await evaluate(subject.engine, scene, (parts) => {
      const seen = observe(parts);
      priors = Object.keys(seen.priors).length;
      return { cost: seen.cost };
    });
    if (priors === 0)
      return pass("No site has a prior, so that the cost has no divergences: both forms are the same.");
    const whole = priors === scene.task.sites.length && scene.enumerated;
    const evidence = whole ? await compareEvidence(subject, scene) : pass("");
    if (evidence.state === "fail") return { ...evidence, detail: `${evidence.detail}${on}` };
    return { ...forms, detail: `${forms.detail}${evidence.detail}${on}` };
  },
};
