/** What a reader has set, kept in the address so that a link shows the same. */
import type { ScaleName, View, XAxis } from "../../charts/view.ts";

export interface PageState {
  x: XAxis;
  xScale: "linear" | "log";
  range: View["range"];
  seeds: boolean;
  theme: "" | "light" | "dark";
  hidden: string[];
  /** What was typed to filter estimators. */
  filter: string;
  /** The part of the page that a link led to. */
  at: string;
  /** Column and direction by table. */
  sorts: Record<string, { column: number; descending: boolean }>;
  /** Estimators chosen in the legend, by chart. */
  chosen: Record<string, string[]>;
  /** Panel and scale by chart. */
  charts: Record<string, { panel: number; scale: ScaleName | "" }>;
}

export function readState(hash: string): PageState {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const one = <Choice extends string>(name: string, choices: readonly Choice[], otherwise: Choice): Choice =>
    choices.find((choice) => choice === given.get(name)) ?? otherwise;
  // From entries, since a hash may name a chart `__proto__`.
  const charts: PageState["charts"] = Object.fromEntries(
    [...given].flatMap(([name, value]) => {
      if (!name.startsWith("chart.")) return [];
      const [panel = "0", scale = ""] = value.split(":");
      const known = (["linear", "log", "symlog"] as const).find((choice) => choice === scale) ?? "";
      return [[name.slice(6), { panel: Math.max(0, Number.parseInt(panel, 10) || 0), scale: known }]];
    }),
  );
  const sorts: PageState["sorts"] = Object.fromEntries(
    [...given].flatMap(([name, value]) => {
      const found = /^(\d{1,3}):(up|down)$/.exec(value);
      if (!name.startsWith("sort.") || found === null) return [];
      return [[name.slice(5), { column: Number(found[1]), descending: found[2] === "down" }]];
    }),
  );
  const choosers = [...new Set([...given.keys()].filter((name) => name.startsWith("choose.")))];
  return {
    x: one("x", ["step", "evaluations", "seconds"], "step"),
    xScale: one("x-scale", ["linear", "log"], "linear"),
    range: one("range", ["settled", "all", "late"], "settled"),
    seeds: given.get("seeds") === "1",
    theme: one("theme", ["", "light", "dark"], ""),
    hidden: given.getAll("hide"),
    filter: given.get("filter") ?? "",
    at: given.get("at") ?? "",
    sorts,
    chosen: Object.fromEntries(choosers.map((name) => [name.slice(7), given.getAll(name)])),
    charts,
  };
}

/** The hash of a state; whatever is as at first is left out. */
export function writeState(state: PageState): string {
  const given = new URLSearchParams();
  if (state.x !== "step") given.set("x", state.x);
  if (state.xScale !== "linear") given.set("x-scale", state.xScale);
  if (state.range !== "settled") given.set("range", state.range);
  if (state.seeds) given.set("seeds", "1");
  if (state.theme !== "") given.set("theme", state.theme);
  for (const label of state.hidden) given.append("hide", label);
  if (state.filter !== "") given.set("filter", state.filter);
  if (state.at !== "") given.set("at", state.at);
  for (const [id, { column, descending }] of Object.entries(state.sorts))
    given.set(`sort.${id}`, `${column}:${descending ? "down" : "up"}`);
  for (const [id, labels] of Object.entries(state.chosen))
    for (const label of labels) given.append(`choose.${id}`, label);
  for (const [id, { panel, scale }] of Object.entries(state.charts))
    if (panel !== 0 || scale !== "") given.set(`chart.${id}`, `${panel}:${scale}`);
  const text = given.toString();
  return text === "" ? "" : `#${text}`;
}
