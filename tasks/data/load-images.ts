/** Images for the tasks, by the name of their data set. */
import { resolve } from "node:path";
import type { DataSource } from "../task.ts";
import { type DataSetName, defaultDataSet } from "./data-set-names.ts";
import { loadDataSet } from "./data-sets.ts";
import type { Images } from "./images.ts";

const loaded = new Map<string, Promise<Images>>();

/** The images of a data set, read and verified once per process. Rejects with a DataError if they are wrong. */
export function loadImages({ folder }: DataSource, name: DataSetName = defaultDataSet): Promise<Images> {
  const path = folder === undefined ? undefined : resolve(folder);
  const key = JSON.stringify([name, path]);
  const known = loaded.get(key);
  if (known) return known;
  const images = loadDataSet(name, path);
  loaded.set(key, images);
  // The user may repair the files before the next attempt.
  images.catch(() => loaded.delete(key));
  return images;
}
