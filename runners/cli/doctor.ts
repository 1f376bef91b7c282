import { messageOf } from "../errors.ts";
import { printJson, type Verb } from "./verb.ts";

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
    const { engines, defaultEngine } = await import("../engines.ts");
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

const size = 384;

/** The product of two matrices, compared with the same in plain JavaScript, and timed. */
async function checkEngine(name: string, needed: boolean): Promise<Finding> {
  const what = `engine ${name}`;
  try {
    const { chooseEngine, engineVersion, openEngine } = await import("../engines.ts");
    const { tf } = await import("../../estimators/autodiff.ts");
    const choice = chooseEngine(name);
    const version = engineVersion(choice);
    const engine = await openEngine(choice);
    const [a, b] = [matrix(1), matrix(2)];
    const compiled = await engine.compile((inputs) => ({ product: tf.matMul(inputs["a"]!, inputs["b"]!) }), {
      a: [size, size],
      b: [size, size],
    });
    const compute = async () => (await compiled.run({ a, b }, () => undefined))["product"]!.values;
    const error = difference(await compute(), a.values, b.values);
    const began = performance.now();
    await compute();
    const rate = (2 * size ** 3) / (performance.now() - began) / 1e6;
    compiled.dispose();
    await engine.close();
    const shown = Object.entries(engine.description).filter(
      ([key]) => key === "threads" || key === "outputs",
    );
    const facts = shown.map(([key, value]) => `${key} ${value}`);
    if (!(error < 1e-4))
      return { what, ok: false, needed, detail: `its product is wrong by ${error} (${version})` };
    return {
      what,
      ok: true,
      needed,
      detail: [`${rate.toPrecision(2)} GFLOP/s`, version, ...facts, ...(needed ? ["the default"] : [])].join(
        ", ",
      ),
    };
  } catch (error) {
    const [first = ""] = messageOf(error).split("\n");
    return { what, ok: false, needed, detail: first };
  }
}

function matrix(seed: number) {
  const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * seed + seed));
  return { shape: [size, size], values };
}

/** The largest error relative to √size, on a few rows. */
function difference(product: Float32Array, a: Float32Array, b: Float32Array): number {
  let worst = 0;
  for (const i of [0, 1, size - 1]) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a[i * size + k]! * b[k * size + j]!;
      worst = Math.max(worst, Math.abs(product[i * size + j]! - sum) / Math.sqrt(size));
    }
  }
  return worst;
}

async function checkData(folder: string | undefined): Promise<Finding> {
  const what = folder === undefined ? "data mnist" : `data ${folder}`;
  try {
    const { loadImages } = await import("../../tasks/data/images.ts");
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
