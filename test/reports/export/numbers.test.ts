import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import test from "ava";
import { parse } from "csv-parse/sync";
import { parquetReadObjects } from "hyparquet";
import { writeExports } from "../../../reports/export/copies.ts";
import { crc32c } from "../../../reports/export/tensorboard.ts";
import { writeReport } from "../../../reports/export/write-report.ts";
import { madeUpRun, writeRun } from "../fixture.ts";

const made = () =>
  writeRun(madeUpRun({ tasks: ["cat10"], estimators: ["gs", "st"], seeds: 2, pictures: false }));

test("results.parquet has the rows of results.csv, with numbers as numbers and empty fields as null", async (t) => {
  const folder = await made();
  await writeReport(folder);
  const [path] = await writeExports([folder], ["parquet"]);
  const rows = await parquetReadObjects({ file: new Uint8Array(await readFile(path!)).buffer });
  const expected = parse<Record<string, string>>(await readFile(`${folder}/results.csv`), { columns: true });
  t.true(rows.length > 100 && rows.some(({ standardError }) => standardError === null));
  const asText = (value: string | number | bigint | null) => (value === null ? "" : `${value}`);
  t.deepEqual(
    rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, x]) => [name, asText(x as string)])),
    ),
    expected,
  );
  t.is(typeof rows[0]!["seed"], "bigint");
  t.is(typeof rows[0]!["value"], "number");
});

// The check value of CRC-32C, as catalogues of checksums give it, and an example of RFC 3720, B.4.
test("crc32c gives the published check values", (t) => {
  t.is(crc32c(Buffer.from("123456789")), 0xe3069283);
  t.is(crc32c(new Uint8Array(32)), 0x8a9136aa);
});

/** The data of each TFRecord; throws where a checksum is wrong. */
function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  const checked = (data: Buffer, stored: number) => {
    const rotated = (stored - 0xa282ead8) >>> 0;
    if (((rotated >>> 17) | (rotated << 15)) >>> 0 !== crc32c(data)) throw new Error("wrong checksum");
    return data;
  };
  for (let at = 0; at < file.length;) {
    const length = Number(checked(file.subarray(at, at + 8), file.readUInt32LE(at + 8)).readBigUInt64LE());
    const end = at + 12 + length;
    records.push(checked(file.subarray(at + 12, end), file.readUInt32LE(end)));
    at = end + 4;
  }
  return records;
}

test("event files of TensorBoard are records with checksums that hold the curves of each cell", async (t) => {
  const folder = await made();
  const files = await writeExports([folder], ["tensorboard"]);
  t.deepEqual(
    files.map((path) => relative(`${folder}/tensorboard`, path)),
    ["gs", "st"].flatMap((label) =>
      [0, 1].map((seed) => `cat10/${label}/seed-${seed}/events.out.tfevents.bench`),
    ),
  );
  const [version, ...events] = recordsOf(await readFile(files[0]!));
  t.true(version!.includes("brain.Event:2"));
  const { cells } = madeUpRun({ tasks: ["cat10"], estimators: ["gs", "st"], seeds: 2, pictures: false });
  const finite = cells[0]!.curve.filter(({ value }) => value !== null);
  // After the time (9 bytes), the step, and the keys and lengths of two messages: tag, then value as the last 4 bytes.
  finite.forEach(({ metric, split, value }, i) => {
    t.true(events[i]!.includes(`${metric}/${split}`));
    t.is(events[i]!.readFloatLE(events[i]!.length - 4), Math.fround(value!));
  });
  t.true(events.slice(finite.length).every((event) => event.includes("gradients-")));
});
