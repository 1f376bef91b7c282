/** Finds the optional package that binds TensorFlow, without loading it. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { codeOf, environment } from "../../errors.ts";

/** The better one first. */
const packages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"];

/** The binding installed beside this package, or else in the folder. Throws an environment error where there is none. */
export function findTensorflow(folder = process.cwd()) {
  const places = [import.meta.url, pathToFileURL(join(folder, "package.json"))];
  for (const name of packages)
    for (const place of places)
      try {
        const require = createRequire(place);
        const { version } = require(`${name}/package.json`) as { version: string };
        return { name, path: require.resolve(name), version };
      } catch (error) {
        if (codeOf(error) !== "MODULE_NOT_FOUND") throw error;
      }
  throw environment(
    `The engine tensorflow needs ${packages.join(" or ")}. Run npm install ${packages[0]}, or without a GPU npm install ${packages[1]}.`,
  );
}
