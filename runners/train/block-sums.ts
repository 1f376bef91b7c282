/** Sums of draws in blocks, from which means, variances and their errors follow. */
/** Draw r belongs to block r mod n, so that even blocks and odd blocks are the two halves. */
export interface BlockSums {
  readonly width: number;
  readonly draws: number[];
  readonly sum: Float64Array[];
  /** Σ‖x‖² of each block. */
  readonly squares: number[];
  /** Draws that were left out because a number was not finite. */
  notFinite: number;
}

export const emptySums = (width: number, blocks: number): BlockSums => ({
  width,
  draws: new Array<number>(blocks).fill(0),
  sum: Array.from({ length: blocks }, () => new Float64Array(width)),
  squares: new Array<number>(blocks).fill(0),
  notFinite: 0,
});
