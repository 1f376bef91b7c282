import { fork } from "node:child_process";
import { once } from "node:events";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../errors.ts";
import type { Probe } from "../../engine/probe-worker.ts";
import { printJson, type Verb } from "./command.ts";

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** Whether `bench run` with its defaults can do without. */
  readonly needed: boolean;
  readonly detail: string;
}

export const doctor: Verb = {
  name: "doctor",
  summary: "Check this machine: node, engines (by a real product), speed, data.",
  flags: ["data", "config", "json"],
  examples: [
    ["doctor", "a line per check"],
    ["doctor --json", "the same for a program"],
    ["doctor --data ./my-digits", "with IDX files of your own"],
  ],
  async run({ given, io }) {
    const { engines, defaultEngine } = await import("../../engine/index.ts");
    const findings: Finding[] = [checkNode()];
    const say = (finding: Finding) => {
      findings.push(finding);
      return finding;
    };
    const folder = given.text("data");
    const named = engines.flatMap(({ name, options }) => [
      name,
      ...(options["device"]?.choices ?? [])
        .filter((device) => device !== "cpu")
        .map((device) => `${name}:device=${device}`),
    ]);
    for (const name of named) say(await checkEngine(name, name === defaultEngine));
    say(await checkData(folder));
    say(await checkFolder(io.cwd));
    const fine = findings.every(({ ok, needed }) => ok || !needed);
    if (given.on("json")) printJson(io, { ok: fine, checks: findings });
    else {
      for (const { what, ok, needed, detail } of findings) {
        io.stdout.write(`${ok ? "ok     " : needed ? "FAILED " : "absent "} ${what}: ${detail}\n`);
      }
    }
    return fine ? 0 : 3;
  },
};

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > 20 || (major === 20 && minor >= 20);
  return {
    what: "node",
    ok,
    needed: true,
    detail: ok ? process.version : `must be 20.20 or newer, got ${process.version}`,
  };
}

/** Milliseconds that an engine may take to open and to compute a product. */
const patience = 60_000;

/** In a process of its own: a library that lacks its device may print, hang or take the process with it. */
async function checkEngine(name: string, needed: boolean): Promise<Finding> {
  const file = fileURLToPath(import.meta.url);
  const worker = join(dirname(file), "../../engine", `probe-worker${extname(file)}`);
  const child = fork(worker, [name], { stdio: "ignore", timeout: patience, killSignal: "SIGKILL" });
  const found = new Promise<Probe>((resolve) => child.once("message", (probe) => resolve(probe as Probe)));
  const ended = once(child, "exit").then(([status, signal]: unknown[]): Probe => {
    const how = typeof signal === "string" ? `signal ${signal}` : `status ${String(status)}`;
    return { ok: false, detail: `its process ended with ${how} before a product was computed` };
  });
  const { ok, detail } = await Promise.race([found, ended]);
  return { what: `engine ${name}`, ok, needed, detail: ok && needed ? `${detail}, the default` : detail };
}

async function checkData(folder: string | undefined): Promise<Finding> {
  const what = folder === undefined ? "data mnist" : `data ${folder}`;
  try {
    const { loadImages } = await import("../../../tasks/data/load-images.ts");
    const { splits } = await loadImages(folder === undefined ? {} : { folder });
    const { train, valid, test } = splits;
    return {
      what,
      ok: true,
      needed: true,
      detail: `whole: ${train.rows}, ${valid.rows} and ${test.rows} images`,
    };
  } catch (error) {
    return { what, ok: false, needed: true, detail: messageOf(error) };
  }
}

async function checkFolder(folder: string): Promise<Finding> {
  const { access, constants } = await import("node:fs/promises");
  try {
    await access(folder, constants.W_OK);
    return { what: "folder", ok: true, needed: true, detail: `${folder} can be written` };
  } catch (error) {
    return {
      what: "folder",
      ok: false,
      needed: true,
      detail: `${folder} must be writable for runs/: ${messageOf(error)}`,
    };
  }
}
