/** What a reader has set, kept in the address so that a link shows the same. Runs in the page, as text. */
import type { ScaleName, XAxis } from "../../charts/view.ts";

export interface PageState {
  x: XAxis;
  xScale: "linear" | "log";
  late: boolean;
  seeds: boolean;
  theme: "" | "light" | "dark";
  hidden: string[];
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
  return {
    x: one("x", ["step", "evaluations", "seconds"], "step"),
    xScale: one("x-scale", ["linear", "log"], "linear"),
    late: given.get("late") === "1",
    seeds: given.get("seeds") === "1",
    theme: one("theme", ["", "light", "dark"], ""),
    hidden: given.getAll("hide"),
    charts,
  };
}

/** The hash of a state; whatever is as at first is left out. */
export function writeState(state: PageState): string {
  const given = new URLSearchParams();
  if (state.x !== "step") given.set("x", state.x);
  if (state.xScale !== "linear") given.set("x-scale", state.xScale);
  if (state.late) given.set("late", "1");
  if (state.seeds) given.set("seeds", "1");
  if (state.theme !== "") given.set("theme", state.theme);
  for (const label of state.hidden) given.append("hide", label);
  for (const [id, { panel, scale }] of Object.entries(state.charts))
    if (panel !== 0 || scale !== "") given.set(`chart.${id}`, `${panel}:${scale}`);
  const text = given.toString();
  return text === "" ? "" : `#${text}`;
}
