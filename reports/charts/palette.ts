/** Colours that colour-blind readers can tell apart (Okabe and Ito 2008), each combined with a dash. */

/** Blue, vermilion, green, purple, orange, sky, grey instead of black (it must show in the dark), yellow last. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#888888", "#d6c91f"];
/** Eight colours and five dashes have no common factor: forty estimators get forty looks. */
const dashes = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
  [12, 4],
];

/** How an estimator is drawn. */
export interface Ink {
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
}

/** An ink for each label, by its position. */
export function inkFor(labels: readonly string[]): Ink[] {
  return labels.map((label, index) => ({
    label,
    colour: colours[index % colours.length]!,
    dash: dashes[index % dashes.length]!,
  }));
}
