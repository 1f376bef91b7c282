/** results.parquet: the rows and columns of results.csv, with types. */
import { parse } from "csv-parse/sync";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Cell } from "../format/records.ts";
import { resultsTable } from "../format/results-csv.ts";

const whole = new Set(["seed", "step"]);
const real = new Set(["forward", "backward", "seconds", "value", "standardError"]);

/** Numbers that are not finite or do not apply are null, as their fields in the CSV are empty. */
export function parquetOf(cells: readonly Cell[]): Uint8Array {
  const [names = [], ...rows]: string[][] = parse(resultsTable(cells));
  const columnData = names.map((name, column) => {
    const fields = rows.map((row) => row[column]!);
    if (whole.has(name)) return { name, type: "INT64" as const, data: fields.map(BigInt) };
    if (!real.has(name)) return { name, type: "STRING" as const, data: fields };
    return {
      ...{ name, type: "DOUBLE" as const, nullable: true },
      data: fields.map((field) => (field === "" ? null : Number(field))),
    };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
