import test from "ava";
import type { ReproducedRow } from "../../../reports/format/reproduction-record.ts";
import { shownPublished, tableTitle } from "../../../reports/format/reproduction-tables.ts";

const row = (published: number | null, derived: boolean) =>
  ({ published, derived, decimals: 1 }) as ReproducedRow;

test("shownPublished: as printed, with its zero; a derived value in full", (t) => {
  t.is(shownPublished(row(72, false)), "72.0");
  t.is(shownPublished(row(-106.8, false)), "−106.8");
  t.is(shownPublished(row(0.2025, true)), "0.2025");
  t.is(shownPublished(row(null, false)), "–");
});

test("tableTitle: an interval over rows says of how many trainings it is", (t) => {
  const measured = (n: number) => ({ mean: 1, low: 0, high: 2, over: "rows" as const, n });
  const about = { title: "A", source: "B", quantity: "loss", unit: "", samples: null, rows: null };
  const title = (n: number) => tableTitle([{ ...row(1, false), ...about, measured: measured(n) }]);
  t.is(title(1), "A (B): loss, ± 95 % over rows of the split, one training");
  t.is(title(2), "A (B): loss, ± 95 % over rows of the split, 2 trainings");
});
