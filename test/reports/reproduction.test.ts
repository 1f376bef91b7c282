import test from "ava";
import { shownPublished, type ReproducedRow } from "../../reports/reproduction.ts";

const row = (published: number | null, derived: boolean) =>
  ({ published, derived, decimals: 1 }) as ReproducedRow;

test("shownPublished: as printed, with its zero; a derived value in full", (t) => {
  t.is(shownPublished(row(72, false)), "72.0");
  t.is(shownPublished(row(-106.8, false)), "−106.8");
  t.is(shownPublished(row(0.2025, true)), "0.2025");
  t.is(shownPublished(row(null, false)), "–");
});
