/// <reference lib="dom" />
/** The data that the page carries, compressed. */
import type { Ink } from "../../charts/palette.ts";
import type { Chart } from "../../charts/panels.ts";

export interface PageData {
  readonly inks: readonly Ink[];
  readonly charts: readonly Chart[];
  /** Texts to copy, by button. */
  readonly copies: Readonly<Record<string, string>>;
  /** Files to download, by button. */
  readonly downloads: Readonly<
    Record<string, { readonly name: string; readonly type: string; readonly text: string }>
  >;
}

/** Of published reports, which share their libraries: packed texts from the script before this one. */
declare const benchLibraries: Readonly<Record<string, string>>;

/** The text that an element of the page holds as base64 of gzip. */
export async function unpack(id: string): Promise<string> {
  const packed = document.getElementById(id)?.textContent ?? benchLibraries[id] ?? "";
  const bytes = Uint8Array.from(atob(packed.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** Runs a library as an inline script; the page's policy admits exactly the texts that were packed. */
export function runScript(text: string): void {
  const script = document.createElement("script");
  script.textContent = text;
  document.head.append(script);
}
