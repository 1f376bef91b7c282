/** What `bench calibrate` found: how often verdicts are wrong where nothing differs. The report states it. */
import type { FalseVerdicts } from "./false-verdicts.ts";

export const calibration: {
  readonly command: string;
  readonly what: string;
  readonly rows: readonly FalseVerdicts[];
} = {
  command: "bench calibrate --seeds 10000",
  what: "rloo on coupled-bits, trainings of 50 steps",
  rows: [
    {
      seeds: 3,
      estimators: 2,
      comparisons: 1666,
      wrong: 73,
      rate: 0.043817527010804325,
      low: 0.034500514522133555,
      high: 0.054781163112440356,
    },
    {
      seeds: 5,
      estimators: 2,
      comparisons: 1000,
      wrong: 47,
      rate: 0.047,
      low: 0.03473506226679701,
      high: 0.062012630693305926,
    },
    {
      seeds: 10,
      estimators: 2,
      comparisons: 500,
      wrong: 20,
      rate: 0.04,
      low: 0.02460131208554526,
      high: 0.061102609388244467,
    },
    {
      seeds: 3,
      estimators: 5,
      comparisons: 666,
      wrong: 42,
      rate: 0.06306306306306306,
      low: 0.04582465979797501,
      high: 0.08429006610199069,
    },
    {
      seeds: 5,
      estimators: 5,
      comparisons: 400,
      wrong: 18,
      rate: 0.045,
      low: 0.02688462561514182,
      high: 0.0701887954953418,
    },
    {
      seeds: 10,
      estimators: 5,
      comparisons: 200,
      wrong: 11,
      rate: 0.055,
      low: 0.02777225455200541,
      high: 0.09627764443391368,
    },
  ],
};
