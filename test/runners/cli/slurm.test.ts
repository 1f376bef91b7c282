import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import test from "ava";
import { limitsOf } from "../../../runners/cli/submit-run.ts";
import { prepare } from "../../../runners/plan/prepare.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";
import { needing, slowly } from "../../require.ts";
import { bench, temporaryFolder } from "./call.ts";
import { faulty, numbersOf, statesOf, until } from "./cells.ts";

const brief = ["-t", "bits:rows=4", "--engine", "cpu", "--quick", "--name", "A"];
const matrix = (steps: string) => [
  ...["run", "-e", "reinforce,gs,nvil,st-gs", ...brief, "--seeds", "3", "--steps", steps],
];

test("--slurm --dry-run prints both scripts and how they are submitted, and writes nothing", async (t) => {
  const cwd = temporaryFolder();
  const argv = [...matrix("20"), "--slurm", "--dry-run", "--shards", "4", "--gpus", "1", "--jobs", "2"];
  const more = ["--slurm-args=--partition=short", "--slurm-args=--account=lab 7", "--cell-time-limit", "10m"];
  const { status, out, err } = await bench([...argv, ...more], { cwd });
  t.is(status, 0, err);
  t.regex(out, /--shard="\$\(\(SLURM_ARRAY_TASK_ID \+ 1\)\)\/4" &/);
  t.regex(
    out,
    /\nsbatch --parsable --requeue --open-mode=append .*--array=0-3 .*--cpus-per-task=2 --signal=B:TERM@90 --gpus=1 --mem=\d+M --time=22 --partition=short '--account=lab 7' \S+array\.sh\n/,
  );
  t.regex(out, /--dependency=afterany:ARRAY/);
  t.deepEqual(readdirSync(cwd), []);
});

test("time and memory of a shard come from the first steps of its pairs, and --slurm-args may say others", async (t) => {
  const cwd = temporaryFolder();
  const asked = async (steps: string, ...more: string[]) => {
    const { status, out, err } = await bench([...matrix(steps), "--slurm", "--dry-run", ...more], { cwd });
    t.is(status, 0, err);
    return [/--time=(\d+)/, /--mem=(\d+)M/].map((form) => Number(form.exec(out)?.[1]));
  };
  const [brief, memory] = await asked("20", "--shards", "4");
  // Five minutes and 90 seconds of notice, rounded up; the time of twenty steps is negligible.
  t.is(brief, 7);
  t.true(memory! > 100 && memory! < 3000, `${memory} MiB`);
  const [long] = await asked("2000000", "--shards", "4");
  t.true(long! > 10, `${long} minutes`);
  t.deepEqual(await asked("20", "--shards", "4", "--slurm-args=--mem-per-cpu=1G"), [7, NaN]);
});

test("a shard requests three times its cells' time, shared by its processes, and five minutes", async (t) => {
  const flags = { grids: [], plugins: [], engine: "cpu", quick: true };
  const request = { ...flags, estimators: ["gs", "nvil"], tasks: ["bits"], seeds: "6" };
  const { plan } = await prepare(request, await openRegistry());
  const found = { seconds: new Map(plan.cells.map(({ hash }) => [hash, 100])), memory: 1e8, failed: [] };
  const seconds = (shards: number, jobs: number) => limitsOf(found, plan.cells, { shards, jobs }).seconds;
  t.is(plan.cells.length, 12);
  t.is(seconds(1, 1), 3 * 12 * 100 + 300);
  t.is(seconds(4, 1), 3 * 3 * 100 + 300);
  t.is(seconds(5, 1), 3 * 3 * 100 + 300);
  t.is(seconds(2, 3), 3 * 2 * 100 + 300);
  // Several processes do not shorten the longest cell.
  t.is(seconds(12, 4), 3 * 100 + 300);
  t.deepEqual(limitsOf(found, plan.cells, { shards: 4, jobs: 2 }, 60), { seconds: 60, memory: 3e8 });
});

test("a pair that cannot be timed is said, and its shards are submitted all the same", async (t) => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "mine.mjs"), faulty("mine", "if (n > 1) throw new Error('out of order');"));
  const argv = ["run", "--plugin", "./mine.mjs", "-e", "mine", ...brief, "--slurm", "--dry-run"];
  const { status, out, err } = await bench(argv, { cwd });
  t.is(status, 0, err);
  t.regex(err, /note bits:rows=4 mine: its steps could not be timed: .*out of order/);
  t.regex(out, /\nsbatch /);
  t.notRegex(out, /--time=/);
});

test("names are never interpreted by a shell", async (t) => {
  const cwd = join(temporaryFolder(), "$(touch x) `touch y`; touch z 'q\" %j");
  mkdirSync(cwd);
  writeFileSync(join(cwd, "bench.config.json"), JSON.stringify({ data: "it's $HOME" }));
  const { out, status, err } = await bench([...matrix("20"), "--slurm", "--dry-run"], { cwd });
  t.is(status, 0, err);
  const script = out.slice(out.indexOf("#!/bin/bash"), out.indexOf("child=$!"));
  // The program and its words, as bash sees them, without the redirection to the background.
  const words = script
    .replace(/^cd -- (.*) \|\| exit 3$/m, "printf '%s\\0' $1")
    .replace(/^(\S.*) &$/m, "printf '%s\\0' $1");
  const seen = execFileSync("bash", ["-c", words], {
    cwd: temporaryFolder(),
    encoding: "utf8",
    env: { ...process.env, SLURM_ARRAY_TASK_ID: "2" },
  }).split("\0");
  t.is(seen[0], cwd);
  t.true(seen.includes(`--data=${join(cwd, "it's $HOME")}`));
  t.true(seen.includes("--shard=3/12"));
  t.deepEqual(readdirSync(cwd), ["bench.config.json"]);
});

test.serial("without Slurm --slurm says so and exits 3", async (t) => {
  const path = process.env["PATH"];
  process.env["PATH"] = temporaryFolder();
  try {
    const { status, err } = await bench([...matrix("20"), "--slurm"]);
    t.is(status, 3, err);
    t.regex(err, /--slurm: sbatch is not installed here\./);
  } finally {
    process.env["PATH"] = path;
  }
});

const mini = join(import.meta.dirname, "../../../../shared/slurm/mini-slurm.sh");
const onPath = (program: string) =>
  [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"].some((folder) =>
    existsSync(join(folder, program)),
  );
const present =
  existsSync(mini) && process.getuid?.() === 0 && ["sbatch", "slurmctld", "slurmd", "munged"].every(onPath);

/** A shard takes seconds with them, so that there is a midway. */
const steps = "100";
let cluster = "";
const whole = temporaryFolder();

const withSlurm = needing("Slurm and ../shared/slurm, as root", present);
/** Accidents that take a minute each are left to `npm run test:all`. */
const withSlurmOften = slowly(withSlurm);

test.before(async () => {
  if (!present) return;
  cluster = temporaryFolder();
  execFileSync("bash", [mini, "start", cluster, "2", "1"], { stdio: "ignore" });
  process.env["SLURM_CONF"] = join(cluster, "slurm.conf");
  // A node that does not answer is given up sooner than Slurm usually does.
  appendFileSync(join(cluster, "slurm.conf"), "MessageTimeout=3\n");
  execFileSync("scontrol", ["reconfigure"]);
  await bench(matrix(steps), { cwd: whole });
});

/** Of the controller, the nodes and munge, which remove their own files as they end. */
const daemons = () =>
  ["slurmctld.pid", "slurmd-n1.pid", "slurmd-n2.pid", "munge/pid"]
    .map((name) => join(cluster, name))
    .filter((path) => existsSync(path))
    .map((path) => Number(readFileSync(path, "utf8")));

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.after.always(async (t) => {
  if (cluster === "") return;
  t.timeout(60_000);
  const pids = daemons();
  execFileSync("bash", [mini, "stop", cluster], { stdio: "ignore" });
  // They save their state as they end; the folder goes once they have.
  await until(() => !pids.some(alive));
});

const squeue = (jobs: string, format = "%T %N") => {
  const argv = ["--noheader", "--array", `--jobs=${jobs}`, `--format=${format}`];
  return execFileSync("squeue", argv, { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "");
};

/** Until none of the jobs is left; each look is a process. */
const over = (jobs: string) => until(() => squeue(jobs).length === 0, 200);

async function submitted(cwd: string, ...more: string[]) {
  const { status, out, err } = await bench(
    [...matrix(steps), "--slurm", "--json", "--shards", "4", ...more],
    { cwd },
  );
  if (status !== 0) throw new Error(err);
  return JSON.parse(out) as { array: string; gather: string };
}

const logs = (cwd: string) => {
  const folder = join(cwd, "runs/A/slurm");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".out"))
    .map((name) => `${name}: ${readFileSync(join(folder, name), "utf8")}`)
    .join("\n");
};

const running = (cwd: string) =>
  statesOf(join(cwd, "runs/A")).filter((state) => state.endsWith(" done")).length;

withSlurm(
  "a matrix of 12 cells over two nodes is the run of one machine, and bench show says where it stands",
  async (t) => {
    const cwd = temporaryFolder();
    const { array, gather } = await submitted(cwd);
    await until(
      () =>
        new Set(
          squeue(array)
            .filter((line) => line.startsWith("RUNNING"))
            .map((line) => line.split(" ")[1]),
        ).size === 2,
      100,
    );
    const show = await bench(["show", "runs/A"], { cwd });
    t.regex(show.out, new RegExp(`slurm: array ${array} of 4 shards, report by ${gather}; .*2 running`));
    await over(`${array},${gather}`);
    t.deepEqual(numbersOf(join(cwd, "runs/A")), numbersOf(join(whole, "runs/A")), logs(cwd));
    t.false(readFileSync(join(cwd, "runs/A/summary.json"), "utf8").includes('"partial": true'));
  },
);

withSlurmOften(
  "a cancelled array keeps its checkpoints, and the same command submits what is left",
  async (t) => {
    const cwd = temporaryFolder();
    const first = await submitted(cwd);
    await until(() => running(cwd) >= 1);
    execFileSync("scancel", [first.array]);
    await over(`${first.array},${first.gather}`);
    const states = statesOf(join(cwd, "runs/A"));
    t.true(
      states.some((state) => !state.endsWith(" done")),
      states.join(", "),
    );
    const second = await submitted(cwd);
    await over(`${second.array},${second.gather}`);
    t.deepEqual(numbersOf(join(cwd, "runs/A")), numbersOf(join(whole, "runs/A")), logs(cwd));
  },
);

withSlurm("a shard that is told to end is queued again and goes on", async (t) => {
  const cwd = temporaryFolder();
  const { array, gather } = await submitted(cwd);
  await until(() => running(cwd) >= 1);
  // One task at a time, each once: a task that has just ended refuses the signal.
  const told = new Set<string>();
  await until(() => {
    for (const task of squeue(array, "%T %i").filter((line) => line.startsWith("RUNNING"))) {
      const id = task.split(" ")[1]!;
      if (told.has(id)) continue;
      told.add(id);
      spawnSync("scancel", ["--signal=TERM", "--batch", id], { stdio: "ignore" });
    }
    return /Interrupted\. To continue/.test(logs(cwd)) || squeue(array, "%T %i").length === 0;
  });
  await over(`${array},${gather}`);
  t.deepEqual(numbersOf(join(cwd, "runs/A")), numbersOf(join(whole, "runs/A")), logs(cwd));
  t.regex(logs(cwd), /Interrupted\. To continue/);
});

/** Whether a shard works there. */
const busy = (array: string, node: string) => squeue(array).includes(`RUNNING ${node}`);

withSlurmOften(
  "a node whose daemon alone is killed midway: what runs there goes on, and the matrix completes",
  async (t) => {
    const cwd = temporaryFolder();
    const { array, gather } = await submitted(cwd);
    await until(() => running(cwd) >= 1 && busy(array, "n1"));
    process.kill(Number(readFileSync(join(cluster, "slurmd-n1.pid"), "utf8")), "SIGKILL");
    await over(`${array},${gather}`);
    t.deepEqual(numbersOf(join(cwd, "runs/A")), numbersOf(join(whole, "runs/A")), logs(cwd));
    execFileSync("slurmd", ["-N", "n1", "-f", join(cluster, "slurm.conf")]);
  },
);

/** What jobs started on a node, first the daemons that watch over each. */
function processesOn(node: string): number[] {
  const own = readdirSync("/proc").filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`SLURMD_NODENAME=${node}\0`);
    } catch {
      return false;
    }
  });
  if (own.length === 0) return [];
  const parents = execFileSync("ps", ["-o", "ppid=", "-p", own.join(",")], { encoding: "utf8" });
  const above = new Set(parents.trim().split(/\s+/));
  return [...[...above].filter((pid) => !own.includes(pid) && pid !== "1"), ...own].map(Number);
}

withSlurmOften(
  "a node that dies midway, its daemon and all that it runs: its shard is queued again, and the matrix completes",
  async (t) => {
    const cwd = temporaryFolder();
    const { array, gather } = await submitted(cwd);
    // The daemon of the step, bash and node.
    await until(() => running(cwd) >= 1 && busy(array, "n1") && processesOn("n1").length >= 3);
    const [task] = squeue(array, "%N %i").flatMap((line) => /^n1 (.*)/.exec(line)?.[1] ?? []);
    const daemon = Number(readFileSync(join(cluster, "slurmd-n1.pid"), "utf8"));
    spawnSync("kill", ["-KILL", ...[daemon, ...processesOn("n1")].map(String)]);
    await over(`${array},${gather}`);
    t.regex(
      execFileSync("scontrol", ["show", "job", task!], { encoding: "utf8" }),
      /Restarts=1 [^]*NodeList=n2/,
    );
    t.deepEqual(numbersOf(join(cwd, "runs/A")), numbersOf(join(whole, "runs/A")), logs(cwd));
  },
);
