/** Colours that the colour-blind can tell apart (Okabe and Ito 2008), each also with a dash. */

/** Blue, vermilion, green, purple, orange, sky, grey for black (it must show in the dark), yellow last. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#888888", "#d6c91f"];
/** Eight colours and five dashes share no factor: forty estimators before a pair repeats. */
const dashes = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
  [12, 4],
];

export interface Ink {
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
}

/** The same ink for an estimator in every chart of a report. */
export function inkFor(labels: readonly string[]): Ink[] {
  return labels.map((label, index) => ({
    label,
    colour: colours[index % colours.length] as string,
    dash: dashes[index % dashes.length] as number[],
  }));
}
