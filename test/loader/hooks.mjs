/** Resolves the checkout's modules: sources to their compiled files, tests to themselves, compiled when loaded. */
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compiledFile, isSource, root } from "./compile.mjs";

const checkout = pathToFileURL(root).href;
let compiled = "";

export function initialize(folder) {
  compiled = pathToFileURL(folder).href;
}

const inCheckout = (url) => url.startsWith(checkout) && url.endsWith(".ts");

export function resolve(specifier, context, next) {
  if (!specifier.endsWith(".ts") || !/^(\.|\/|file:)/.test(specifier)) return next(specifier, context);
  const { href } = new URL(specifier, context.parentURL);
  if (!inCheckout(href)) return next(specifier, context);
  const url = isSource(fileURLToPath(href))
    ? `${compiled}${href.slice(checkout.length).replace(/ts$/, "js")}`
    : href;
  return { url, format: "module", shortCircuit: true };
}

export function load(url, context, next) {
  if (!inCheckout(url)) return next(url, context);
  const source = readFileSync(compiledFile(fileURLToPath(url)));
  return { format: "module", source, shortCircuit: true };
}
