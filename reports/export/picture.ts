/** Draws charts in Node, with a font of the package: a picture is the same on every machine. */
import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import type { ResvgRenderOptions } from "@resvg/resvg-js";
import * as vega from "vega";
import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import type { Specification } from "../charts/vega-spec.ts";
import { escape } from "../page/html.ts";

const family = "DejaVu Sans";
/** The mean width of a letter of that font, as a share of the font's size. */
const advance = 0.6;

const config = {
  background: "white",
  font: family,
  axis: { titleFontWeight: 400, gridColor: "#e4e6e9", labelFontSize: 11, titleFontSize: 12 },
  view: { stroke: "transparent" },
  legend: { labelFontSize: 12, columnPadding: 18 },
  title: { fontSize: 14, subtitleFontSize: 11, subtitleColor: "#555b63", subtitlePadding: 5, offset: 12 },
} as const;

/** Without these files resvg draws no text and gives no error; with the system's fonts pictures would differ. */
function fontOptions(): ResvgRenderOptions {
  const { resolve } = createRequire(import.meta.url);
  const fontFiles = ["DejaVuSans", "DejaVuSans-Bold"].map((name) =>
    resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`),
  );
  return { font: { loadSystemFonts: false, fontFiles, defaultFontFamily: family } };
}

/** Draws SVG with text elements. Widths of text are estimated by the letter, not measured in a font of the machine. */
async function textSvg(specification: Specification): Promise<string> {
  const metrics = (vega as unknown as { textMetrics: { width: unknown } }).textMetrics;
  const before = metrics.width;
  metrics.width = (item: { fontSize?: number }, text: unknown) =>
    advance * (item.fontSize ?? 11) * String(text).length;
  try {
    const { spec } = compile(specification as unknown as TopLevelSpec, { config });
    const view = new vega.View(vega.parse(spec), { renderer: "none" });
    const text = await view.toSVG();
    view.finalize();
    return renumbered(text);
  } finally {
    metrics.width = before;
  }
}

/** Numbers clip paths from 1: Vega's numbers depend on the pictures that a process has drawn before. */
function renumbered(svg: string): string {
  const names = new Map<string, string>();
  return svg.replaceAll(/(\bid="|url\(#)(clip\d+)\b/g, (_, before: string, old: string) => {
    if (!names.has(old)) names.set(old, `clip${names.size + 1}`);
    return before + names.get(old)!;
  });
}

/** Adds the description for screen readers and searches, since the outlines of letters are no text. */
function described(svg: string, specification: Specification): string {
  const { description } = specification;
  if (typeof description !== "string") return svg;
  return svg.replace(
    /^(<svg [^>]*)>/,
    (_, tag: string) => `${tag} role="img"><title>${escape(description)}</title>`,
  );
}

/** Draws a Vega-Lite specification as SVG on white, with text as outlines so that it needs no font. */
export async function drawSvg(specification: Specification): Promise<string> {
  const outlined = new Resvg(await textSvg(specification), fontOptions()).toString();
  return described(outlined, specification);
}

/** Draws a Vega-Lite specification as PNG on white, two pixels for each of its own. */
export async function drawPng(specification: Specification): Promise<Uint8Array> {
  const zoom = { fitTo: { mode: "zoom", value: 2 } } as const;
  return new Resvg(await textSvg(specification), { ...fontOptions(), ...zoom }).render().asPng();
}
