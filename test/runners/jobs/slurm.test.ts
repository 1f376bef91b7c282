import { spawn, spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import test from "ava";
import { arrayScript } from "../../../runners/jobs/slurm/submit.ts";
import { temporaryFolder } from "../cli/call.ts";

/** The script of a shard whose program is a line of bash, where the cluster queues 99 again by itself. */
function shardOf(program: string) {
  const folder = temporaryFolder();
  const [script, scontrol] = [join(folder, "array.sh"), join(folder, "scontrol")];
  const job = { folder, name: "A", cwd: folder, shards: 1, cpus: 1, more: [] };
  writeFileSync(script, arrayScript({ ...job, program: ["bash", "-c", program], argv: ["run"] }));
  writeFileSync(scontrol, "#!/bin/bash\necho 'RequeueExit             = 99'\n");
  chmodSync(scontrol, 0o755);
  const path = [folder, process.env["PATH"] ?? ""].join(delimiter);
  return { folder, script, env: { ...process.env, PATH: path, SLURM_ARRAY_TASK_ID: "0", SLURM_JOB_ID: "1" } };
}

for (const status of [0, 1, 3, 143]) {
  test(`a shard that nobody stops gives the status of its run: ${status}`, (t) => {
    const { script, env } = shardOf(`exit ${status}`);
    t.is(spawnSync("bash", [script], { env }).status, status);
  });
}

test("a shard whose run says that it can go on is queued again", (t) => {
  const { script, env } = shardOf("exit 130");
  t.is(spawnSync("bash", [script], { env }).status, 99);
});

test("a shard that is told to end before its run has begun is queued again", (t) => {
  const { folder, script, env } = shardOf("exec sleep 60");
  const early = join(folder, "early.sh");
  writeFileSync(early, 'cd() { kill -TERM $$; builtin cd "$@"; }\n');
  t.is(spawnSync("bash", [script], { env: { ...env, BASH_ENV: early }, timeout: 30_000 }).status, 99);
});

/** What the shard gives when it is told to end once its run has said a word. */
async function endedBy(program: string, times = 1): Promise<number | null> {
  const { script, env } = shardOf(program);
  const child = spawn("bash", [script], { env, stdio: ["ignore", "pipe", "inherit"] });
  const status = new Promise<number | null>((resolve) => child.on("close", resolve));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  for (let i = 0; i < times; i++) {
    child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return status;
}

test("a shard whose run dies of the signal, for it does not listen yet, is queued again", async (t) => {
  t.is(await endedBy("echo x; exec sleep 60"), 99);
});

test("a shard that is told twice waits for its run to save the cell", async (t) => {
  t.is(await endedBy("trap 'sleep 0.5; exit 130' TERM; echo x; while :; do sleep 0.02; done", 2), 99);
});

test("a shard that is told to end after its last cell ends with the status of its run", async (t) => {
  t.is(await endedBy("trap 'sleep 0.3; exit 1' TERM; echo x; while :; do sleep 0.02; done"), 1);
});
