/** What a reader has set, kept in the page's address so that a link shows the same. */
import type { AxisScale } from "../../charts/panels.ts";

/** The settings of the whole page by their names in the address, with their choices; the first is the default. */
const choices = {
  x: ["step", "evaluations", "seconds"],
  "x-scale": ["linear", "log"],
  range: ["settled", "all", "late"],
  seeds: ["mean", "all"],
  theme: ["", "light", "dark"],
} as const;

export type PageSettings = { -readonly [Name in keyof typeof choices]: (typeof choices)[Name][number] };

export interface PageState extends PageSettings {
  /** Estimators that are not drawn. */
  hidden: string[];
  /** Text typed to filter estimators. */
  filter: string;
  /** The part of the page that a link led to. */
  at: string;
  /** Column and direction by table. */
  sorts: Record<string, { column: number; descending: boolean }>;
  /** Panel and scale by chart; no scale for the panel's own. */
  charts: Record<string, { panel: number; scale: AxisScale | "" }>;
}

const settingNames = Object.keys(choices) as (keyof PageSettings)[];
const scales: readonly AxisScale[] = ["linear", "log", "symlog"];

/** The state that an address says; what it does not say, or says wrongly, is as by default. */
export function readState(hash: string): PageState {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const settings = settingNames.map((name) => {
    const values: readonly string[] = choices[name];
    return [name, values.find((value) => value === given.get(name)) ?? values[0]];
  });
  // Entries may have any name, `__proto__` too, which Object.fromEntries keeps as an ordinary property.
  const withPrefix = <Value>(prefix: string, parse: (value: string) => Value | undefined) =>
    Object.fromEntries(
      [...given].flatMap(([name, text]) => {
        const value = name.startsWith(prefix) ? parse(text) : undefined;
        return value === undefined ? [] : [[name.slice(prefix.length), value] as const];
      }),
    );
  return {
    ...(Object.fromEntries(settings) as PageSettings),
    hidden: given.getAll("hide"),
    filter: given.get("filter") ?? "",
    at: given.get("at") ?? "",
    sorts: withPrefix("sort.", (text) => {
      const found = /^(\d{1,3}):(up|down)$/.exec(text);
      return found === null ? undefined : { column: Number(found[1]), descending: found[2] === "down" };
    }),
    charts: withPrefix("chart.", (text) => {
      const [panel = "0", scale] = text.split(":");
      const known = scales.find((one) => one === scale) ?? "";
      return { panel: Math.max(0, Number.parseInt(panel, 10) || 0), scale: known };
    }),
  };
}

/** The hash of a state; defaults are left out. */
export function writeState(state: PageState): string {
  const given = new URLSearchParams();
  for (const name of settingNames) if (state[name] !== choices[name][0]) given.set(name, state[name]);
  for (const label of state.hidden) given.append("hide", label);
  for (const name of ["filter", "at"] as const) if (state[name] !== "") given.set(name, state[name]);
  for (const [id, { column, descending }] of Object.entries(state.sorts))
    given.set(`sort.${id}`, `${column}:${descending ? "down" : "up"}`);
  for (const [id, { panel, scale }] of Object.entries(state.charts))
    if (panel !== 0 || scale !== "") given.set(`chart.${id}`, `${panel}:${scale}`);
  const text = given.toString();
  return text === "" ? "" : `#${text}`;
}
