/** A bit that flips, or an end that is lost, in the parameters that a command reads: found, or nothing has changed. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { readBank, readStage } from "../../../runners/variance/bank-files.ts";
import { exitOf, messageOf } from "../../../runners/errors.ts";
import { readSnapshot } from "../../../runners/store/trained-parameters.ts";
import { bench, temporaryFolder } from "../cli/call.ts";
import { manifestOf } from "../cli/cells.ts";

fc.configureGlobal({ seed: 8 });

/** Bytes with one bit changed, or without their end. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  bit: fc.nat(7),
  cut: fc.boolean(),
});

function damaged(bytes: Buffer, { at, bit, cut }: { at: number; bit: number; cut: boolean }): Buffer {
  const place = Math.floor(at * bytes.length);
  if (cut) return bytes.subarray(0, place);
  const broken = Buffer.from(bytes);
  broken[place]! ^= 1 << bit;
  return broken;
}

/** How often the reader refuses, always in one sentence of exit 2 or 3; it never reads anything else. */
function fuzz(path: string, read: () => unknown, numRuns: number): number {
  const bytes = readFileSync(path);
  const text = (value: unknown) =>
    JSON.stringify(value, (_, inner) =>
      ArrayBuffer.isView(inner)
        ? Buffer.from(inner.buffer, inner.byteOffset, inner.byteLength).toString("base64")
        : (inner as unknown),
    );
  const whole = text(read());
  let refusals = 0;
  try {
    fc.assert(
      fc.property(damage, (how) => {
        writeFileSync(path, damaged(bytes, how));
        try {
          return text(read()) === whole;
        } catch (error) {
          refusals += 1;
          const [exit, message] = [exitOf(error), messageOf(error)];
          return (exit === 2 || exit === 3) && !message.includes("\n") && message.includes(dirname(path));
        }
      }),
      { numRuns },
    );
  } finally {
    writeFileSync(path, bytes);
  }
  return refusals;
}

const cwd = temporaryFolder();
const [bank, run] = [join(cwd, "bank"), join(cwd, "runs/A")];
test.before(async (t) => {
  for (const words of [
    "bank cat10:variables=2,hidden=2,side=14,batch=5 --steps 2 --draws 40 -o bank",
    "run -e nvil -t bits:rows=4 --seeds 1 --steps 3 --quick --name A",
  ]) {
    const { status, err } = await bench([...words.split(" "), "--engine", "cpu", "-q"], { cwd });
    t.is(status, 0, err);
  }
});

test("each snapshot of a bank", (t) => {
  const all = () => readBank(bank).stages.map((stage) => readStage(bank, stage));
  for (const stage of ["start", "middle", "end"])
    t.is(fuzz(join(bank, `${stage}.snapshot`), all, 60), 60, "no byte of a snapshot is idle");
});

test("the parameters of a finished cell: its checkpoint, its record and its checksums", (t) => {
  const cell = join(run, "cells", manifestOf(run).matrix[0]!.hash);
  const whole = () => readSnapshot(cell);
  for (const name of ["checkpoint", "cell.json"]) t.is(fuzz(join(cell, name), whole, 100), 100, name);
  t.true(fuzz(join(cell, "SHA256SUMS"), whole, 100) > 90);
});
