/** The data sets of images by name, and what their images show. It needs nothing of Node, so that a web page can import it. */
export const shownIn = {
  ...{ mnist: "digits", fashion: "clothes", digits: "digits", omniglot: "characters" },
  cifar10: "pictures",
} as const;
export type DataSetName = keyof typeof shownIn;
export const dataSetNames = Object.keys(shownIn) as DataSetName[];
export const defaultDataSet = "mnist" satisfies DataSetName;
