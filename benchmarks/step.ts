/**
 * Times a training step: `npm run bench:step`, and beside JAX and PyTorch `npm run bench:peers`. Options: --json,
 * --steps vae,"belief net",evaluation,deep-bern,vq,listops (the last three not in PyTorch), --threads 1,2, --rounds N,
 * --programs onnx,wasm,cpu,tensorflow,
 * --clock cpu (processor time, for a machine that others use).
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Program, Row } from "./measure.ts";
import { measure, median, python } from "./measure.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    steps: { type: "string", default: "vae,belief net,evaluation,deep-bern,vq,listops" },
    programs: { type: "string" },
    threads: { type: "string", default: "1,2" },
    rounds: { type: "string", default: "15" },
    clock: { type: "string", default: "wall" },
  },
});
const list = (text: string) => text.split(",").map((x) => x.trim());
/** These choose their threads themselves, and are so slow that they are timed on the VAE only. */
const single = new Set(["wasm", "cpu", "tensorflow"]);
const names = list(values.programs ?? (values.peers ? "onnx,onnx-copied,jax,pytorch" : "onnx,wasm,cpu"));
/** Written for our engines and JAX only. */
const notInPytorch = new Set(["deep-bern", "vq", "listops"]);
const isPeer = (name: string) => name === "jax" || name === "pytorch";
if (names.some(isPeer) && !existsSync(python)) {
  console.error(`Skipped: bench:peers requires ${python} with jax and torch; docs/performance.md says how to install them.`); // prettier-ignore
  process.exit(0);
}

/** The median over rounds of a program's time over JAX's in the same round. */
function ratios(rows: readonly Row[]): string[] {
  return rows.map((row) => {
    const of = (name: string) => {
      const peer = rows.find(({ program }) => program === name);
      if (!peer || peer === row) return "";
      return `  ${median(row.rounds.map((x, i) => x / peer.rounds[i]!)).toFixed(3)} × ${name}`;
    };
    return `${row.program.padEnd(12)} ${row.step.padEnd(11)} ${row.threads} thread${row.threads > 1 ? "s" : " "} ${row.milliseconds.toFixed(3).padStart(9)} ms ± ${(100 * row.spread).toFixed(1)} %${of("jax")}${of("pytorch")}`;
  });
}

const all: Row[] = [];
for (const step of list(values.steps))
  for (const threads of list(values.threads).map(Number)) {
    const programs: Program[] = names
      .filter((program) => program !== "pytorch" || !notInPytorch.has(step))
      .filter((program) => !single.has(program) || (step === "vae" && threads === 1))
      .map((program) => ({ program, step, threads }));
    const rows = await measure(programs, Number(values.rounds), 300, values.clock === "cpu" ? "cpu" : "wall");
    all.push(...rows);
    if (!values.json) console.log(ratios(rows).join("\n"));
  }
if (values.json) {
  const rows = all.map(({ program, step, threads, milliseconds, spread }) => ({ program, step, threads, milliseconds, spread })); // prettier-ignore
  console.log(JSON.stringify({ rows }));
}
