/** The page's own script: the client's functions as text, so that they are type-checked here and run there. */
import * as draw from "../charts/draw.ts";
import * as line from "../charts/line.ts";
import * as names from "../charts/names.ts";
import * as scatter from "../charts/scatter.ts";
import * as sensitivity from "../charts/sensitivity.ts";
import * as view from "../charts/view.ts";
import * as charts from "./client/chart-views.ts";
import * as controls from "./client/controls.ts";
import * as gumbel from "./client/gumbel.ts";
import * as packed from "./client/packed.ts";
import * as page from "./client/page.ts";
import * as start from "./client/start.ts";
import * as state from "./client/page-state.ts";
import * as tables from "./client/tables.ts";
import * as widget from "./client/widget-picture.ts";

/**
 * The functions of modules as a program. Every function of such a module must be exported and use nothing of its
 * module but functions of the modules listed. `__name` is what esbuild adds when TypeScript is run as it stands.
 */
export function functionTexts(modules: readonly object[]): string {
  const functions = modules.flatMap((module) => Object.values(module) as unknown[]);
  return `"use strict";\nconst __name = (named) => named;\n${functions.map(String).join("\n")}`;
}

export function pageScript(): string {
  const modules = [
    line,
    view,
    names,
    scatter,
    sensitivity,
    draw,
    charts,
    controls,
    state,
    tables,
    gumbel,
    widget,
    packed,
    page,
    start,
  ];
  return `${functionTexts(modules)}\nbegin();\n`;
}
