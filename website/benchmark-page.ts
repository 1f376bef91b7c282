/** The page with the benchmark: its elements and its data, for client/start-benchmark.ts. */
import { pairsOn } from "../benchmarks/descent.ts";
import { element, html } from "../reports/page/html.ts";
import { settingsOf } from "../runners/plan/choose-pairs.ts";
import { loadDigits } from "../tasks/data/digits.ts";
import { bundledBenchmark } from "./bundle.ts";
import type { PageImages } from "./client/page-images.ts";
import type { OfferedTask } from "./client/start-benchmark.ts";
import type { SitePage } from "./page.ts";

const toys = ["coupled-bits", "coupled-categorical", "layered-bits", "kool"];
const small = "dataset=digits,batch=50";
const models = [`bern2:${small},variables=20`, `cat10:${small},variables=8,categories=5`];
const chosen = ["rloo", "reinforce", "st-gs", "gs", "disarm", "reinmax"];

/** A task and all estimators that run on it, with their options. */
async function offered(text: string): Promise<OfferedTask> {
  const pairs = await pairsOn(text, ["*"]);
  const { definition, settings } = pairs[0]!.pair.task;
  const estimators = pairs
    .filter(({ pair }) => pair.estimator.entry.combinator === undefined)
    .map(({ pair, task }) => ({
      name: pair.estimator.entry.name,
      settings: settingsOf(pair.estimator, task),
    }));
  const toy = toys.includes(text);
  return {
    ...{ name: definition.name, settings, text, estimators, steps: toy ? 500 : 300 },
    title: toy ? definition.title : definition.title.replace("images", "8 × 8 digits"),
    cost: toy ? "Mean cost of 1,000 hard samples" : "−ELBO of 300 validation digits, in nats",
    chosen: chosen.filter((name) => estimators.some((one) => one.name === name)).slice(0, 3),
  };
}

async function pageImages(): Promise<PageImages> {
  const { splits, ...rest } = await loadDigits();
  const packed = ({ rows, pixels }: (typeof splits)["train"]) => ({ rows, pixels: Buffer.from(pixels).toString("base64") }); // prettier-ignore
  return {
    ...rest,
    splits: { train: packed(splits.train), valid: packed(splits.valid), test: packed(splits.test) },
  };
}

const data = (id: string, value: unknown) =>
  element("script", ` type="application/json" id="${id}"`, JSON.stringify(value));

export async function benchmarkPage(): Promise<SitePage> {
  const tasks = await Promise.all([...toys, ...models].map(offered));
  const body = html`<h1>A benchmark in your browser</h1>
    <p>The page trains with the estimators and tasks of <code>bench</code> themselves, on tfjs in plain JavaScript. All
      estimators see the same batches and noise, and with the same seed the numbers are those of the command below. Nothing is sent anywhere.</p>
    <p class="unscripted">This page needs scripts.</p>
    <div class="live-benchmark">
      <p class="controls">
        <label>task <select id="benchmark-task">${tasks.map(({ title, name }) => html`<option>${name}: ${title}</option>`)}</select></label>
        <label>steps <input id="benchmark-steps" type="number" min="10" max="20000" required /></label>
        <label>seed <input id="benchmark-seed" type="number" min="0" max="1000000" value="0" required /></label>
        <button type="button" id="benchmark-start">Start</button>
        <button type="button" id="benchmark-stop" disabled>Stop</button>
      </p>
      <p>Estimators, up to four:</p>
      <div id="benchmark-estimators" class="names"></div>
      <p id="benchmark-message" role="status"></p>
      <div id="benchmark-curves" class="charts"></div>
      <div class="scroll"><table>
        <thead><tr><th>estimator</th><th class="number">step</th><th class="number">cost</th><th class="number">variance</th><th class="number">steps a second</th></tr></thead>
        <tbody id="benchmark-rows"></tbody>
      </table></div>
      <pre id="benchmark-command"></pre>
    </div>
    <p>The cost is that of hard samples, whatever an estimator trains on. The variance is the trace of the covariance of 16
      draws of the gradient at the parameters of that step, with the batch fixed. One seed shows no verdict:
      <code>bench run</code> takes several and gives intervals.</p>
    ${data("images", await pageImages())} ${data("benchmark-data", tasks)}`; // prettier-ignore
  const script = await bundledBenchmark();
  // Noise is filled by a small WebAssembly module, as in the program.
  return {
    path: "try.html",
    title: "A benchmark in your browser",
    body,
    script,
    hashes: ["'wasm-unsafe-eval'"],
  };
}
