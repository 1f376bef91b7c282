import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { access, constants } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf } from "../../errors.ts";
import type { Probe } from "../../engine/probe-worker.ts";
import { print, type Command } from "./command.ts";

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** Whether `bench run` with its defaults needs it. */
  readonly needed: boolean;
  readonly detail: string;
}

export const doctor: Command = {
  name: "doctor",
  summary: "Check this machine: Node.js, the engines and their speed, the data.",
  flags: ["data", "config", "json"],
  examples: [
    ["doctor", "A line per check"],
    ["doctor --json", "The same as JSON"],
    ["doctor --data ./my-digits", "With your own IDX files"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const { engines, defaultEngine } = await import("../../engine/index.ts");
    const names = engines.flatMap(({ name, options }) => {
      const devices = (options["device"]?.choices ?? []).filter((device) => device !== "cpu");
      return [name, ...devices.map((device) => `${name}:device=${device}`)];
    });
    const checks: Finding[] = [checkNode()];
    for (const name of names) checks.push(await checkEngine(name, name === defaultEngine));
    checks.push(checkGpu());
    checks.push(await checkData(flags.text("data")), await checkFolder(io.cwd));
    const ok = checks.every((check) => check.ok || !check.needed);
    print(invocation, { ok, checks }, () =>
      checks
        .map((check) => {
          const state = check.ok ? "ok     " : check.needed ? "FAILED " : "absent ";
          return `${state} ${check.what}: ${check.detail}\n`;
        })
        .join(""),
    );
    return ok ? 0 : 3;
  },
};

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > 20 || (major === 20 && minor >= 20);
  const detail = ok ? process.version : `version 20.20 or newer is needed, got ${process.version}`;
  return { what: "node", ok, needed: true, detail };
}

/** The NVIDIA GPUs that the driver lists, with its version; other GPUs are seen by the engines alone. */
function checkGpu(): Finding {
  const query = ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"];
  const { status, stdout, error } = spawnSync("nvidia-smi", query, { encoding: "utf8", timeout: timeLimit });
  const found = status === 0 ? stdout.trim().split("\n").join("; ") : "";
  const why = error ? "nvidia-smi is not installed" : "nvidia-smi finds none";
  return { what: "nvidia gpu", ok: found !== "", needed: false, detail: found || why };
}

/** Milliseconds that an engine may take to open and to compute a product. */
const timeLimit = 60_000;

/** Probes an engine in another process: a library that lacks its device may print, hang or crash. */
async function checkEngine(name: string, needed: boolean): Promise<Finding> {
  const file = fileURLToPath(import.meta.url);
  const worker = join(dirname(file), "../../engine", `probe-worker${extname(file)}`);
  const child = fork(worker, [name], { stdio: "ignore", timeout: timeLimit, killSignal: "SIGKILL" });
  const found = new Promise<Probe>((resolve) => child.once("message", (probe) => resolve(probe as Probe)));
  const ended = once(child, "exit").then(([status, signal]: unknown[]): Probe => {
    const how = typeof signal === "string" ? `signal ${signal}` : `status ${String(status)}`;
    return { ok: false, detail: `its process ended with ${how} before it computed a product` };
  });
  const { ok, detail } = await Promise.race([found, ended]);
  return { what: `engine ${name}`, ok, needed, detail: ok && needed ? `${detail}, the default` : detail };
}

/** A finding that is ok when the action succeeds; its detail is the sentence of the action or of its error. */
async function succeeds(what: string, action: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, needed: true, detail: await action() };
  } catch (error) {
    return { what, ok: false, needed: true, detail: messageOf(error) };
  }
}

const checkData = (folder: string | undefined) =>
  succeeds(`data ${folder ?? "mnist"}`, async () => {
    const { loadImages } = await import("../../../tasks/data/load-images.ts");
    const { train, valid, test } = (await loadImages(folder === undefined ? {} : { folder })).splits;
    return `complete: ${train.rows}, ${valid.rows} and ${test.rows} images`;
  });

const checkFolder = (folder: string) =>
  succeeds("folder", async () => {
    await access(folder, constants.W_OK);
    return `${folder} is writable`;
  });
