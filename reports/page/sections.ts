/** The parts of the page around the charts: banners, pictures, diagnostics, manifest, definitions, licences. */
import type { Chart } from "../charts/index.ts";
import { formatNumber, plural } from "../format.ts";
import type { Cell, Manifest, PictureRecord, RunRecords } from "../records.ts";
import type { Summary } from "../summary.ts";
import { html, raw } from "./html.ts";
import type { Markup } from "./html.ts";
import { inlinedLicences } from "./libraries.ts";
import { tilesPng } from "./png.ts";
import { tableHtml } from "./table.ts";
import type { Table } from "./table.ts";

/** What a reader must know before any number. */
export function banners({ quick, partial, states, failures, seeds }: Summary): Markup {
  const all = Object.values(states).reduce((sum, count) => sum + count, 0);
  const open = all - (states.done ?? 0) - failures.length;
  return html`${quick && html`<p class="banner"><b>QUICK</b> A short run to see that things work: too few steps and seeds to compare estimators.</p>`}
  ${(partial || open > 0) && html`<p class="banner"><b>PARTIAL</b> ${states.done ?? 0} of ${plural(all, "cell")} done; numbers will change.</p>`}
  ${!quick && seeds < 3 && html`<p class="banner"><b>FEW SEEDS</b> ${plural(seeds, "seed")}: points only, no intervals and no verdicts below three. Five are the default.</p>`}
  ${
    failures.length > 0 &&
    html`<div class="banner bad">
      <b>FAILURES</b> ${plural(failures.length, "cell")} of ${all} did not finish. Their estimators are ranked
      last.
      <ul>
        ${failures.slice(0, 12).map(({ task, estimator, seed, state, error }) => html`<li>${task}, ${estimator}, seed ${seed}: ${state}. ${error}</li>`)}
        ${failures.length > 12 && html`<li>and ${failures.length - 12} more, under Cells.</li>`}
      </ul>
    </div>`
  }`;
}

/** The switches and the place of one chart; without scripts the place says so. */
export function chartFigure(chart: Chart, wide: boolean): Markup {
  const many = chart.panels.length > 1;
  return html`<figure class="${wide ? "wide" : ""}" data-chart="${chart.id}">
    <div class="tools">
      ${
        many
          ? html`<select aria-label="what ${chart.title} shows">
              ${chart.panels.map(({ name }, index) => html`<option value="${index}">${name}</option>`)}
            </select>`
          : html`<span></span>`
      }
      <span class="group scales" role="group" aria-label="scale of the vertical axis"></span>
    </div>
    <div class="place">
      <noscript
        >${chart.title}: a drawing that needs scripts. Its specification is
        charts/${chart.id}.vl.json.</noscript
      >
    </div>
  </figure>`;
}

/** The pictures of the first finished seed of each estimator, one kind of picture after the other. */
export function pictures(cells: readonly Cell[]): Markup | null {
  const kinds = new Map<string, { first: PictureRecord; figures: Map<string, Markup> }>();
  for (const { record } of cells)
    for (const picture of record.state === "done" ? (record.pictures ?? []) : []) {
      const kind = kinds.get(picture.name) ?? { first: picture, figures: new Map<string, Markup>() };
      kinds.set(picture.name, kind);
      if (!kind.figures.has(record.label)) kind.figures.set(record.label, pictureFigure(record, picture));
    }
  if (kinds.size === 0) return null;
  return html`<h3>Pictures</h3>
    ${[...kinds.values()].map(
      ({ first, figures }) =>
        html`<p class="doc"><b>${first.title}.</b> ${first.caption}</p>
          <div class="pictures">${[...figures.values()]}</div>`,
    )}`;
}

function pictureFigure({ label, seed }: Cell["record"], picture: PictureRecord): Markup {
  const { png, width, height } = tilesPng(picture);
  const source = raw(`data:image/png;base64,${png.toString("base64")}`);
  return html`<figure data-picture="${label}">
    <figcaption><b>${label}</b> <span>seed ${seed}</span></figcaption>
    <img src="${source}" width="${width}" height="${height}" alt="${picture.title}, ${label}" />
  </figure>`;
}

/** Every cell: its state, times, and what went wrong. */
export function cellsTable({ manifest, cells }: RunRecords): Table {
  const byHash = new Map(cells.map((cell) => [cell.record.hash, cell]));
  const number = (title: string) => ({ title, numeric: true });
  const seconds = (value: number | undefined) => ({
    text: value === undefined ? "–" : formatNumber(value, 3),
    sort: value ?? null,
  });
  return {
    id: "cells",
    caption: "Cells: task × estimator × seed",
    columns: [
      { title: "cell" },
      { title: "task" },
      { title: "estimator" },
      number("seed"),
      { title: "state" },
      number("steps"),
      number("train s"),
      number("compile s"),
      number("evaluate s"),
      number("not finite"),
      { title: "error" },
    ],
    rows: manifest.matrix.map(({ hash, label, taskLabel, seed }) => {
      const found = byHash.get(hash);
      const record = found?.record;
      const state = record?.state ?? "pending";
      const lost = found?.gradients.reduce((sum, row) => sum + (row.notFinite ?? 0), 0) ?? 0;
      return {
        name: label,
        cells: [
          { text: hash.slice(0, 10), kind: "hash" },
          { text: taskLabel },
          { text: label },
          { text: String(seed), sort: seed },
          { text: state, kind: ["failed", "diverged", "timeout"].includes(state) ? "bad" : "" },
          {
            text: record === undefined ? "–" : `${record.steps.done}/${record.steps.planned}`,
            sort: record?.steps.done ?? null,
          },
          seconds(record?.seconds.train),
          seconds(record?.seconds.compile),
          seconds(record?.seconds.evaluate),
          { text: String(lost), sort: lost },
          { text: record?.error ?? "" },
        ],
      };
    }),
  };
}

export function diagnostics(records: RunRecords): Markup {
  const stacks = records.cells.flatMap(({ record }) => (record.stack === undefined ? [] : [record]));
  return html`<h2 id="cells-section">Cells</h2>
    <details>
      <summary>${plural(records.manifest.matrix.length, "cell")}, their states and times</summary>
      ${tableHtml(cellsTable(records))}
      ${stacks.map(
        (record) =>
          html`<details>
            <summary>${record.taskLabel}, ${record.label}, seed ${record.seed}: stack</summary>
            <pre>${record.stack}</pre>
          </details>`,
      )}
    </details>`;
}

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
