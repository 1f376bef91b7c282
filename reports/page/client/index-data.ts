/** What the index of published runs carries, and its rows as they are searched, ordered and grouped. */
import type { PublishedRow } from "../../format/published-run.ts";

export type IndexData = readonly {
  readonly id: string;
  readonly name: string;
  readonly command: string;
  readonly created: string;
  readonly quick: boolean;
  readonly engine: string;
  readonly cpu: string;
  readonly rows: readonly PublishedRow[];
}[];

export interface IndexRow extends PublishedRow {
  readonly run: Omit<IndexData[number], "rows">;
  /** The task and the measure: the leaderboard that the row is in. */
  readonly board: string;
  /** Everything that the search looks at, in small letters. */
  readonly text: string;
  /** Place among all rows of the leaderboard. */
  place: number;
}

export interface IndexFilter {
  readonly search: string;
  readonly task: string;
  readonly estimator: string;
  readonly engine: string;
  /** `yes` leaves out quick runs. */
  readonly full: string;
}

/** A label without its options. */
export const bareName = (label: string): string => label.split(":", 1)[0]!.trim();

export const measureText = ({ measure }: PublishedRow) =>
  measure === null ? "" : `${measure.title}${measure.unit === "" ? "" : ` (${measure.unit})`}`;

/** Where seeds broke, the mean of the others says less: such rows come after the others, and rows without a value last. */
const tier = ({ value, broken }: PublishedRow) => (value === null ? 2 : broken === undefined ? 0 : 1);

function better(a: IndexRow, b: IndexRow): number {
  const sign = a.measure?.higherIsBetter === false ? 1 : -1;
  return tier(a) - tier(b) || (a.value === null ? 0 : sign * (a.value.mean - b.value!.mean));
}

/** All rows, leaderboard after leaderboard, the best first. */
export function indexRows(data: IndexData): IndexRow[] {
  const rows = data.flatMap(({ rows: own, ...run }) =>
    own.map((row): IndexRow => {
      const board = `${row.task}\n${measureText(row)}`;
      const words = [board, row.estimator, row.options, row.broken, run.name, run.engine, run.cpu, run.id];
      return { ...row, run, board, text: words.join(" ").toLowerCase(), place: 0 };
    }),
  );
  rows.sort((a, b) => (a.board < b.board ? -1 : a.board > b.board ? 1 : better(a, b)));
  let [board, place] = ["", 0];
  for (const row of rows) {
    place = row.board === board ? place + 1 : 1;
    board = row.board;
    row.place = place;
  }
  return rows;
}

/** The rows in which every word of the search stands and that every filter admits. */
export function matchingRows(rows: readonly IndexRow[], filter: IndexFilter): IndexRow[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  const { task, estimator, engine, full } = filter;
  return rows.filter(
    (row) =>
      (task === "" || bareName(row.task) === task) &&
      (estimator === "" || bareName(row.estimator) === estimator) &&
      (engine === "" || row.run.engine === engine) &&
      (full === "" || !row.run.quick) &&
      words.every((word) => row.text.includes(word)),
  );
}
