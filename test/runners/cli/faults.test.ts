import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { readRun } from "../../../reports/format/read-run.ts";
import { needing, serial as test, slow, slowly } from "../../require.ts";
import { bench, temporaryFolder } from "./call.ts";
import { manifestOf, numbersOf, preload, start, until } from "./cells.ts";

const matrix = (steps: string) => [
  ...["run", "-e", "reinforce,gs", "--engine", "cpu", "-t", "bits:rows=4", "--quick", "--seeds", "1"],
  ...["--steps", steps, "--checkpoint-every", "0.05s"],
];

/** The numbers of a run that nobody disturbed; its folder is made once. */
const undisturbed = new Map<string, Promise<string>>();
async function numbersOfWhole(steps: string) {
  const run = async () => {
    const cwd = temporaryFolder();
    const { status, err } = await bench([...matrix(steps), "--name", "A"], { cwd });
    if (status !== 0) throw new Error(err);
    return join(cwd, "runs/A");
  };
  if (!undisturbed.has(steps)) undisturbed.set(steps, run());
  return numbersOf(await undisturbed.get(steps)!);
}

/** A file system of its own on a folder, or nothing where one may not be mounted. */
function smallDisk(
  size: string,
): { folder: string; remount(options: string): void; unmount(): void } | undefined {
  const folder = temporaryFolder();
  const mount = (...words: string[]) => execFileSync("mount", words, { stdio: "ignore" });
  try {
    mount("-t", "tmpfs", "-o", `size=${size}`, "none", folder);
  } catch {
    return undefined;
  }
  return {
    folder,
    remount: (options) => mount("-o", `remount,${options}`, folder),
    unmount: () => void execFileSync("umount", ["--lazy", folder], { stdio: "ignore" }),
  };
}

const tried = smallDisk("64k");
tried?.unmount();
const withDisk = needing("the right to mount a tmpfs", tried !== undefined);

for (const jobs of [[], ["--jobs", "2"]]) {
  const how = jobs.length === 0 ? "" : " under --jobs";
  (jobs.length === 0 ? withDisk : slowly(withDisk))(
    `a small disk that fills up${how}: exit 3 with a sentence, and with room the run ends as elsewhere`,
    async (t) => {
      const disk = smallDisk("64k");
      const cwd = temporaryFolder();
      const argv = [...matrix("300"), ...jobs];
      try {
        const out = join(disk!.folder, "A");
        const full = await start([...argv, "--out", out], cwd).ended;
        t.is(full.status, 3, full.err);
        t.regex(full.err, /the disk is full/);
        disk!.remount("size=64m");
        const { status, err } = await start([...argv, "--out", out], cwd).ended;
        t.is(status, 0, err);
        t.deepEqual(numbersOf(out), await numbersOfWhole("300"));
      } finally {
        disk!.unmount();
      }
    },
  );
}

withDisk(
  "permission lost midway: exit 3 with a sentence, and once it is back the run ends as elsewhere",
  async (t) => {
    const disk = smallDisk("64m");
    const cwd = temporaryFolder();
    try {
      const out = join(disk!.folder, "A");
      const argv = [...matrix("300"), "--out", out];
      const { ended, child } = start(argv, cwd);
      const cells = join(out, "cells");
      await until(
        () =>
          child.exitCode !== null ||
          (existsSync(cells) &&
            readdirSync(cells).some((name) => existsSync(join(cells, name, "checkpoint")))),
      );
      for (let done = false; !done && child.exitCode === null;)
        try {
          // Refused while a file is open for writing.
          disk!.remount("ro");
          done = true;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      const { status, err } = await ended;
      t.is(status, 3, err);
      t.regex(err, /: the file system is read-only\./);
      const again = await start(argv, cwd).ended;
      t.is(again.status, 3, "from the start too");
      t.regex(again.err, /: the file system is read-only\./);
      disk!.remount("rw");
      const last = await start(argv, cwd).ended;
      t.is(last.status, 0, last.err);
      t.regex(last.err, /going on from step/);
      t.deepEqual(numbersOf(out), await numbersOfWhole("300"));
    } finally {
      disk!.unmount();
    }
  },
);

slow("a clock that goes back an hour at every look changes no number", async (t) => {
  const cwd = temporaryFolder();
  const env = preload(
    temporaryFolder(),
    `let now = Date.now();
    const Own = Date;
    globalThis.Date = class extends Own {
      constructor(...given) { given.length === 0 ? super((now -= 3.6e6)) : super(...given); }
      static now() { return (now -= 3.6e6); }
    };`,
  );
  const argv = [...matrix("300"), "--name", "A"];
  const { status, err } = await start([...argv, "--jobs", "2"], cwd, env).ended;
  t.is(status, 0, err);
  t.deepEqual(numbersOf(join(cwd, "runs/A")), await numbersOfWhole("300"));
});

test("no network is used at run time, in this process or in children", async (t) => {
  const cwd = temporaryFolder();
  const log = join(cwd, "network.txt");
  const env = preload(
    temporaryFolder(),
    `import { appendFileSync } from "node:fs";
    import { Socket, Server } from "node:net";
    import dgram from "node:dgram";
    import dns from "node:dns";
    const deny = (what) => () => {
      appendFileSync(${JSON.stringify(log)}, what + "\\n");
      throw new Error("network: " + what);
    };
    Socket.prototype.connect = deny("connect");
    Server.prototype.listen = deny("listen");
    dgram.createSocket = deny("datagram");
    dns.lookup = deny("lookup");
    dns.promises.lookup = deny("lookup");
    globalThis.fetch = deny("fetch");
    appendFileSync(${JSON.stringify(log)}, "watched\\n");`,
  );
  const argv = ["run", "-e", "reinforce,gs", "-t", "bits:rows=4", "--quick", "--seeds", "1", "--steps", "20"];
  for (const more of [
    ["--name", "A"],
    ["--name", "B", "--jobs", "2"],
  ]) {
    const { status, err } = await start([...argv, ...more], cwd, env).ended;
    t.is(status, 0, err);
  }
  const lines = readFileSync(log, "utf8").trim().split("\n");
  t.deepEqual([...new Set(lines)], ["watched"]);
  t.true(lines.length >= 4, "both runs and two children were watched");
});

const unshared = spawnSync("unshare", ["--net", "true"], { stdio: "ignore" });
const withoutNetwork = needing("the right to unshare the network", unshared.status === 0);

slowly(withoutNetwork)("where no network exists at all, the run is the same", async (t) => {
  const argv = [...matrix("20"), "--name", "A"];
  const { command } = await import("./cells.ts");
  const cwd = temporaryFolder();
  execFileSync("unshare", ["--net", ...command, ...argv], { cwd, stdio: "ignore" });
  t.deepEqual(numbersOf(join(cwd, "runs/A")), await numbersOfWhole("20"));
});

test("a flipped bit in any file of an ended cell is found: by the report, by bench verify, by bench run", async (t) => {
  const cwd = temporaryFolder();
  const run = join(cwd, "runs/A");
  const argv = [...matrix("20"), "--name", "A"];
  await bench(argv, { cwd });
  const sound = await bench(["verify", "runs/A"], { cwd });
  t.is(sound.status, 0, sound.out);
  t.regex(sound.out, /^2 cells complete, 0 unfinished; 0 data files and [1-9]\d* report files unchanged\n$/);
  const cell = join(run, "cells", manifestOf(run).matrix[0]!.hash);
  const { checksumFaults } = await import("../../../reports/format/checksums.ts");
  const names = ["cell.json", "curve.ndjson", "gradients.ndjson", "checkpoint", "SHA256SUMS"] as const;
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), (name, place) => {
      const path = join(cell, name);
      const bytes = readFileSync(path);
      const broken = Buffer.from(bytes);
      const bit = place % (bytes.length * 8);
      broken[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(path, broken);
      try {
        t.true((checksumFaults(cell) ?? []).length > 0, `${name} bit ${bit}`);
        // Of the checkpoint, and its line among the sums, no number of a report comes.
        if (name !== "checkpoint" && name !== "SHA256SUMS")
          t.throws(() => readRun(run), undefined, `${name} bit ${bit}`);
      } finally {
        writeFileSync(path, bytes);
      }
    }),
    { numRuns: 200, seed: 1 },
  );
  const curve = join(cell, "curve.ndjson");
  writeFileSync(curve, readFileSync(curve, "utf8").replace(/"value":-?\d/, '"value":7'));
  const verified = await bench(["verify", "runs/A"], { cwd });
  t.is(verified.status, 1);
  t.regex(verified.out, /curve\.ndjson: the file differs from its SHA-256 checksum/);
  const refused = await bench(argv, { cwd });
  t.is(refused.status, 3);
  t.regex(readFileSync(curve, "utf8"), /"value":7/, "nothing is trained over");
  t.regex(
    refused.err,
    /curve\.ndjson: the file differs from its SHA-256 checksum\. To train the cell again: .*--retry-failed/,
  );
  t.is((await bench([...argv, "--retry-failed"], { cwd })).status, 0);
  t.is((await bench(["verify", "runs/A"], { cwd })).status, 0);
});

test("bench verify finds a report that is not what the cells make, and another configuration's cell", async (t) => {
  const cwd = temporaryFolder();
  const run = join(cwd, "runs/A");
  await bench([...matrix("20"), "--name", "A"], { cwd });
  writeFileSync(
    join(run, "summary.json"),
    readFileSync(join(run, "summary.json"), "utf8").replace(/\d\.\d/, "9.9"),
  );
  const { status, out } = await bench(["verify", "runs/A"], { cwd });
  t.is(status, 1);
  t.regex(out, /summary\.json: the file is not what the cells give; bench report makes it again/);
});

test("a disk that is writable again needs nothing cleaned: leftovers of a crash are ignored", async (t) => {
  const cwd = temporaryFolder();
  const argv = [...matrix("20"), "--name", "A"];
  const whole = await numbersOfWhole("20");
  const { hash } = whole.matrix[0]!;
  const cell = join(cwd, "runs/A/cells", hash);
  mkdirSync(cell, { recursive: true });
  for (const name of [
    "cell.json.x.1.part",
    "checkpoint",
    "checkpoint.x.1.part",
    "curve.ndjson",
    "SHA256SUMS",
  ])
    writeFileSync(join(cell, name), "{torn");
  writeFileSync(`${cell}.lock.1`, "{torn");
  const { status, err } = await bench(argv, { cwd });
  t.is(status, 0, err);
  t.regex(err, /this checkpoint cannot be used/);
  t.deepEqual(numbersOf(join(cwd, "runs/A")), whole);
});
