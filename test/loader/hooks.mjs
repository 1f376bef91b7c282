/** Where modules of the checkout are loaded from: those of the rooms from what was compiled, tests from where they are. */
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compiledFile, isOfRooms, root } from "./compile.mjs";

const here = pathToFileURL(root).href;
let compiled = "";

export function initialize(folder) {
  compiled = pathToFileURL(folder).href;
}

const isOurs = (url) => url.startsWith(here) && url.endsWith(".ts");

export function resolve(specifier, context, next) {
  if (!specifier.endsWith(".ts") || !/^(\.|\/|file:)/.test(specifier)) return next(specifier, context);
  const { href } = new URL(specifier, context.parentURL);
  if (!isOurs(href)) return next(specifier, context);
  const url = isOfRooms(fileURLToPath(href))
    ? `${compiled}${href.slice(here.length).replace(/ts$/, "js")}`
    : href;
  return { url, format: "module", shortCircuit: true };
}

export function load(url, context, next) {
  if (!isOurs(url)) return next(url, context);
  const source = readFileSync(compiledFile(fileURLToPath(url)));
  return { format: "module", source, shortCircuit: true };
}
