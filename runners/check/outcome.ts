/** What a check answers. */
import type { Subject } from "./subject.ts";

export interface Outcome {
  readonly state: "pass" | "fail" | "skip";
  /** A sentence with the numbers. */
  readonly detail: string;
  /** The numbers of the sentence, for programs. */
  readonly numbers?: Readonly<Record<string, number | null>>;
}

export interface Check {
  readonly name: string;
  /** What it asserts. */
  readonly doc: string;
  /** `before`: what the checks before it have found. */
  run(subject: Subject, before: ReadonlyMap<string, Outcome>): Promise<Outcome>;
}

export const skip = (detail: string): Outcome => ({ state: "skip", detail });
export const fail = (detail: string): Outcome => ({ state: "fail", detail });
export const pass = (detail: string): Outcome => ({ state: "pass", detail });

/** 0.0412 → `4.1 %`. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toPrecision(2)} %` : "unknown";

/** 1234567 → `1.2 M`, 40000 → `40 k`. */
export const count = (n: number): string =>
  n >= 1e6 ? `${(n / 1e6).toPrecision(2)} M` : n >= 1e4 ? `${Math.round(n / 1e3)} k` : String(n);

/** `1 problem`, `2 problems`. */
export const many = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** A bias that draws have found is not found again: one claim fails once. */
export function unlessKnown(outcome: Outcome, before: ReadonlyMap<string, Outcome>): Outcome {
  if (outcome.state !== "fail" || before.get("bias")?.state !== "fail") return outcome;
  return {
    ...outcome,
    state: "skip",
    detail: `${outcome.detail} (the check "bias" has failed for it already)`,
  };
}
