/** Charts as pictures, drawn in Node with a font of our own: the same on every machine. */
import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import type { ResvgRenderOptions } from "@resvg/resvg-js";
import * as vega from "vega";
import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import { escape } from "../page/html.ts";

const family = "DejaVu Sans";
/** The mean advance of a letter of that font, as a share of its size: what a legend leaves room for. */
const advance = 0.6;

const config = {
  background: "white",
  font: family,
  axis: { titleFontWeight: 400, gridColor: "#e4e6e9", labelFontSize: 11, titleFontSize: 12 },
  view: { stroke: "transparent" },
  legend: { labelFontSize: 12, columnPadding: 18 },
  title: { fontSize: 14, subtitleFontSize: 11, subtitleColor: "#555b63", subtitlePadding: 5, offset: 12 },
} as const;

/** Without the files resvg draws no text at all, and says nothing; with the system's it draws another font. */
function fontOptions(): ResvgRenderOptions {
  const { resolve } = createRequire(import.meta.url);
  const fontFiles = ["DejaVuSans", "DejaVuSans-Bold"].map((name) =>
    resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`),
  );
  return { font: { loadSystemFonts: false, fontFiles, defaultFontFamily: family } };
}

/**
 * A specification as SVG on white whose text is text. Widths of text are reckoned by the letter, not measured in a
 * font of the machine.
 */
async function textSvg(specification: Record<string, unknown>): Promise<string> {
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

/** Vega numbers clip paths through a whole process: here from 1, so that a picture does not depend on those before it. */
function renumbered(svg: string): string {
  const names = new Map<string, string>();
  return svg.replaceAll(/(\bid="|url\(#)(clip\d+)\b/g, (_, before: string, old: string) => {
    if (!names.has(old)) names.set(old, `clip${names.size + 1}`);
    return before + names.get(old)!;
  });
}

/** What the picture says to those who cannot see it: the outlines of letters can be neither read aloud nor searched. */
function described(svg: string, specification: Record<string, unknown>): string {
  const { description } = specification;
  if (typeof description !== "string") return svg;
  return svg.replace(
    /^(<svg [^>]*)>/,
    (_, tag: string) => `${tag} role="img"><title>${escape(description)}</title>`,
  );
}

/** A specification as SVG on white, its text drawn as outlines, so that no machine's fonts can change it. */
export async function drawSvg(specification: Record<string, unknown>): Promise<string> {
  const outlined = new Resvg(await textSvg(specification), fontOptions()).toString();
  return described(outlined, specification);
}

/** A specification as PNG on white, at twice its size. */
export async function drawPng(specification: Record<string, unknown>): Promise<Uint8Array> {
  const zoom = { fitTo: { mode: "zoom", value: 2 } } as const;
  return new Resvg(await textSvg(specification), { ...fontOptions(), ...zoom }).render().asPng();
}
