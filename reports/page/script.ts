/** The page's own script: the client's functions as text, so that they are type-checked here and run there. */
import * as line from "../charts/line.ts";
import * as view from "../charts/view.ts";
import * as charts from "./client/charts.ts";
import * as controls from "./client/controls.ts";
import * as start from "./client/start.ts";
import * as state from "./client/state.ts";
import * as tables from "./client/tables.ts";

/**
 * The script. Every function of these modules must be exported and use nothing of their modules but one another:
 * then their texts, side by side, are a program. `__name` is what esbuild adds when TypeScript is run as it stands.
 */
export function pageScript(): string {
  const modules: readonly object[] = [line, view, charts, controls, state, tables, start];
  const functions = modules.flatMap((module) => Object.values(module) as unknown[]);
  const prologue = '"use strict";\nconst __name = (named) => named;\n';
  return `${prologue}${functions.map(String).join("\n")}\nbegin();\n`;
}
