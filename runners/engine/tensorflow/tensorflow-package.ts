/** Finds the optional package that binds TensorFlow, without loading it. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { environment } from "../../errors.ts";

/** The packages that bring the binding, the better one first. */
export const tensorflowPackages = ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"] as const;

const install = "npm install @tensorflow/tfjs-node-gpu (or @tensorflow/tfjs-node, without a GPU)";

interface Found {
  readonly name: string;
  readonly path: string;
  readonly version: string;
}

/** The binding installed beside this package, or else in the folder; a failure of the environment where there is none. */
export function findTensorflow(folder = process.cwd()): Found {
  const places = [import.meta.url, pathToFileURL(join(folder, "package.json"))];
  for (const name of tensorflowPackages)
    for (const place of places)
      try {
        const require = createRequire(place);
        const { version } = require(`${name}/package.json`) as { version: string };
        return { name, path: require.resolve(name), version };
      } catch (error) {
        if ((error as { code?: string }).code !== "MODULE_NOT_FOUND") throw error;
      }
  throw environment(
    `engine tensorflow: ${tensorflowPackages.join(" or ")} must be installed (it is an optional peer), got neither; run ${install}`,
  );
}
