import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";

/** What Vega-Lite's own schema has against a specification; nothing where it is valid. */
export function judgedBySchema(): (spec: unknown) => string | undefined {
  const path = createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json");
  const ajv = new Ajv({
    strict: false,
    validateFormats: false,
    inlineRefs: false,
    code: { optimize: false },
  });
  const valid = ajv.compile(JSON.parse(readFileSync(path, "utf8")) as object);
  return (spec) => (valid(spec) ? undefined : ajv.errorsText(valid.errors));
}
