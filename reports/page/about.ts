/** What is behind the numbers: the run's manifest, definitions, and licences. */
import { listed, plural } from "../aggregate/numbers.ts";
import { calibration } from "../aggregate/calibration.ts";
import { rateText } from "../aggregate/false-verdicts.ts";
import type { Manifest } from "../format/records.ts";
import { html, type Markup } from "./html.ts";
import { inlinedLicences } from "./libraries.ts";

const definitionList = (entries: readonly (readonly [name: string, text: string | Markup])[]): Markup =>
  html`<dl>
    ${entries.map(
      ([name, text]) =>
        html`<dt>${name}</dt>
          <dd>${text}</dd>`,
    )}
  </dl>`;

export function manifestSection(manifest: Manifest): Markup {
  const { engine, git, data } = manifest;
  const details = Object.entries(engine.description ?? {}).map(([name, value]) => `${name} ${value}`);
  const machine = [
    manifest.platform,
    manifest.cpu,
    plural(manifest.cores, "core"),
    `${manifest.memoryGiB} GiB`,
  ];
  return html`<h2 id="manifest">Manifest</h2>
    ${definitionList([
      ["run", manifest.name],
      ["created", manifest.created],
      ["bench", `${manifest.bench}, protocol ${manifest.protocol}`],
      ["commit", git === null ? "none" : `${git.commit}${git.dirty ? ", with uncommitted changes" : ""}`],
      ["engine", [engine.name, ...details].join(", ")],
      ["machine", machine.join(", ")],
      ["node", manifest.node],
      ...Object.entries(data ?? {}).map(([name, checksum]) => [`data: ${name}`, checksum] as const),
    ])}
    <details>
      <summary>configuration and matrix, as stored</summary>
      <pre>${JSON.stringify(manifest, null, 1)}</pre>
    </details>`;
}

const statistics = {
  ELBO: "Evidence lower bound in nats per image, with hard samples. It has the sign of the log-likelihood, so higher is better.",
  bound:
    "Multi-sample bound in nats per image: the log of the mean importance weight of m hard samples. Higher is better. NLL is its negative.",
  interval:
    "95% t interval of the mean over seeds, shown from three seeds on. For variances and times it is computed on logarithms, around the geometric mean.",
  verdict:
    "t test of the paired difference over seeds; estimators of one seed share initial parameters, batches and noise. The p values of all pairs of a task are corrected by Holm's method at a family-wise level of 5%.",
  calibration: `An estimator compared with itself should get a verdict in 5% of comparisons. \`${calibration.command}\` (${calibration.what}) found ${listed(calibration.rows.filter(({ estimators }) => estimators === 2).map(rateText))}. With fewer seeds verdicts are no more often wrong, but real differences are missed more often.`,
  "rank, ties":
    "The rank is 1 + the number of estimators that are detectably better. Estimators that share a letter are not detectably different.",
  "estimator variance":
    "Trace of the covariance of the gradient with respect to the parameters upstream of the samples, over draws of the estimator's noise with the batch fixed; the mean over M fixed batches of R draws each.",
  "minibatch variance":
    "Trace of the covariance of the mean gradient between batches: what remains when the estimator has no noise.",
  "variance per logit":
    "Trace of the covariance of the gradient with respect to one row's logits, averaged over rows.",
  "bias, cosine":
    "Difference between the mean gradient and a reference gradient g, relative to its norm; and the cosine between a draw and g, averaged over draws. The reference is exact or a long run of an unbiased estimator.",
  "own, frozen, shared":
    "Where gradients are measured. Own: along each estimator's own training. Frozen: all estimators at the same stored parameters. Shared: all at the parameters along one reference run. At step 0 own equals frozen, because all estimators of a seed start alike. Ranks and verdicts use frozen and shared only.",
  evaluations:
    "One evaluation computes the cost of one row once. A backward evaluation is a derivative of the cost with respect to the sample or its relaxation.",
  "relaxation gap":
    "Training objective with relaxed samples minus the objective with hard samples, at the same parameters.",
  "failed, diverged":
    "A cell that stopped with an error, or whose numbers ceased to be finite. Such estimators are shown and ranked last, never left out.",
};

/** What training samples are that do not follow the model. */
const samples = { relaxed: "relaxed samples", other: "samples that are not from the model" };

export function definitions({ definitions: { tasks, estimators, otherSamples = {} } }: Manifest): Markup {
  const cited = (paper?: string) => (paper === undefined ? "" : ` [${paper}]`);
  const from = (plugin?: string) => (plugin === undefined ? "" : ` (plug-in ${plugin})`);
  const bias = (unbiased: boolean | "direction") =>
    unbiased === "direction" ? "unbiased in direction" : unbiased ? "unbiased" : "biased";
  return html`<h2 id="definitions">Definitions</h2>
    <h3>Tasks</h3>
    ${definitionList(
      Object.entries(tasks ?? {}).map(([name, { title, doc, paper, plugin }]) => [
        name,
        `${title}. ${doc}${cited(paper)}${from(plugin)}`,
      ]),
    )}
    <h3>Estimators</h3>
    ${definitionList(
      Object.entries(estimators ?? {}).map(([name, { title, formula, paper, unbiased, plugin }]) => {
        const text = `${title}, ${bias(unbiased)}${cited(paper)}${from(plugin)}`;
        return [name, html`${text}${formula !== undefined && html`<br /><code>${formula}</code>`}`];
      }),
    )}
    ${Object.entries(otherSamples).map(([label, law]) => html`<p class="doc">${label} trains on ${samples[law]}.</p>`)}
    <h3>Statistics</h3>
    ${definitionList(Object.entries(statistics))}`;
}

/** The licences of what the page contains, or their address in `file`. */
export function licences(file?: string): Markup {
  if (file !== undefined)
    return html`<h2 id="licences">Licences</h2>
      <p class="doc">
        Vega, Vega-Lite and Vega-Embed draw the charts: <a href="${file}">licence texts</a>.
      </p>`;
  return html`<h2 id="licences">Licences</h2>
    <p class="doc">This file contains Vega, Vega-Lite and Vega-Embed with their dependencies, unchanged.</p>
    <details>
      <summary>licence texts</summary>
      ${[...inlinedLicences()].map(
        ([text, packages]) =>
          html`<h3>${packages.join(", ")}</h3>
            <pre>${text}</pre>`,
      )}
    </details>`;
}
