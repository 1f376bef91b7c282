/** What stands behind the numbers: manifest, definitions, licences. */
import { plural } from "../aggregate/numbers.ts";
import type { Manifest } from "../format/records.ts";
import { html } from "./html.ts";
import type { Markup } from "./html.ts";
import { inlinedLicences } from "./libraries.ts";

export function manifestSection(manifest: Manifest): Markup {
  const { engine, git, data } = manifest;
  const rows: [string, string][] = [
    ["run", manifest.name],
    ["made", manifest.created],
    ["bench", `${manifest.bench}, protocol ${manifest.protocol}`],
    ["commit", git === null ? "none" : `${git.commit}${git.dirty ? ", with uncommitted changes" : ""}`],
    [
      "engine",
      [
        engine.name,
        ...Object.entries(engine.description ?? {}).map(([name, value]) => `${name} ${value}`),
      ].join(", "),
    ],
    [
      "machine",
      `${manifest.platform}, ${manifest.cpu}, ${plural(manifest.cores, "core")}, ${manifest.memoryGiB} GiB`,
    ],
    ["node", manifest.node],
    ...Object.entries(data ?? {}).map(([name, sum]): [string, string] => [`data: ${name}`, sum]),
  ];
  return html`<h2 id="manifest">Manifest</h2>
    <dl>
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <details>
      <summary>configuration and matrix, as stored</summary>
      <pre>${JSON.stringify(manifest, null, 1)}</pre>
    </details>`;
}

const statistics = [
  [
    "ELBO, bound",
    "nats per image, hard samples, log-likelihood sign: higher is better. The bound is the log of the mean weight of m samples.",
  ],
  [
    "interval",
    "95% t interval over seeds, from three seeds on; of the logarithms for variances. Below three seeds: points only.",
  ],
  [
    "verdict",
    "Paired by seed (same initialisation, batches and noise), t test, Holm's correction over all pairs of a task at 5%.",
  ],
  [
    "rank, ties",
    "Rank is 1 + the number of estimators detectably better. Two that share a letter are not detectably different.",
  ],
  [
    "variance",
    "Trace of the covariance of the gradient with respect to the parameters upstream of the samples: M fixed batches × R draws; estimator noise is within batches, minibatch noise between.",
  ],
  [
    "own, frozen, shared",
    "Each estimator along its own training; all at the same stored parameters; all along one reference trajectory. Step 0 of own is frozen, since all estimators of a seed start alike. Ranks and verdicts use frozen and shared alone.",
  ],
  [
    "evaluations",
    "One is the cost, once, for one row; backward is a derivative with respect to the sample or its relaxation.",
  ],
  ["relaxation gap", "Soft training objective minus hard objective at the same parameters."],
  ["failed, diverged", "Shown and ranked last, never dropped."],
] as const;

export function definitions({ definitions: { tasks, estimators } }: Manifest): Markup {
  const cite = (paper?: string) => (paper === undefined ? "" : ` [${paper}]`);
  const bias = (unbiased: boolean | "direction") =>
    unbiased === "direction" ? "unbiased in direction" : unbiased ? "unbiased" : "biased";
  return html`<h2 id="definitions">Definitions</h2>
    <h3>Tasks</h3>
    <dl>
      ${Object.entries(tasks ?? {}).map(
        ([name, { title, doc, paper }]) =>
          html`<dt>${name}</dt>
            <dd>${title}. ${doc}${cite(paper)}</dd>`,
      )}
    </dl>
    <h3>Estimators</h3>
    <dl>
      ${Object.entries(estimators ?? {}).map(
        ([name, { title, formula, paper, unbiased, plugin }]) =>
          html`<dt>${name}</dt>
            <dd>
              ${title},
              ${bias(unbiased)}${cite(paper)}${plugin !== undefined && ` (plug-in ${plugin})`}${formula !== undefined && html`<br /><code>${formula}</code>`}
            </dd>`,
      )}
    </dl>
    <h3>Statistics</h3>
    <dl>
      ${statistics.map(
        ([name, text]) =>
          html`<dt>${name}</dt>
            <dd>${text}</dd>`,
      )}
    </dl>`;
}

export function licences(): Markup {
  return html`<h2 id="licences">Licences</h2>
    <p class="doc">
      This file contains Vega, Vega-Lite and Vega-Embed with what they are built from, unchanged.
    </p>
    <details>
      <summary>licence texts</summary>
      ${inlinedLicences().map(
        ({ packages, text }) =>
          html`<h3>${packages.join(", ")}</h3>
            <pre>${text}</pre>`,
      )}
    </details>`;
}
