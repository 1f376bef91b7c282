/** The contract of a check, its outcome, and how its sentences write numbers. */
import type { Subject } from "./subject.ts";

type Numbers = Readonly<Record<string, number | null>>;

export interface Outcome {
  /** `warn`: nothing that it claims is refuted, but there is something to look at. */
  readonly state: "pass" | "warn" | "fail" | "skip";
  /** What was found, with the numbers; for a failure also what to look at. */
  readonly detail: string;
  /** The numbers of the sentence, for programs. */
  readonly numbers?: Numbers;
}

/** A check of an estimator, or of another subject. */
export interface Check<S = Subject> {
  readonly name: string;
  /** Runs on an estimator that at least one problem admits; `earlier` holds the outcomes of the checks before it. */
  run(subject: S, earlier: ReadonlyMap<string, Outcome>): Promise<Outcome>;
}

const outcome =
  (state: Outcome["state"]) =>
  (detail: string, numbers?: Numbers): Outcome => ({ state, detail, ...(numbers && { numbers }) });

export const pass = outcome("pass");
export const warn = outcome("warn");
export const fail = outcome("fail");
export const skip = outcome("skip");

/** 0.0412 → `4.1 %`, 1 → `100 %`. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toPrecision(share < 0.995 ? 2 : 3)} %` : "unknown";

/** 1234567 → `1.2 M draws`, 40000 → `40 k draws`. */
export function drawCount(n: number): string {
  const short =
    n >= 1e6 ? `${(n / 1e6).toPrecision(2)} M` : n >= 1e4 ? `${Math.round(n / 1e3)} k` : String(n);
  return `${short} draws`;
}

/** Sentences as one: their full stops become semicolons. */
export const joined = (sentences: readonly string[]): string =>
  sentences.map((one) => one.replace(/\.$/, "")).join("; ");

/** Skips a failure of the expectation if the check "bias" has found it already: one false claim fails once. */
export function unlessBiasFailed(outcome: Outcome, earlier: ReadonlyMap<string, Outcome>): Outcome {
  if (outcome.state !== "fail" || earlier.get("bias")?.state !== "fail") return outcome;
  return skip(`The check "bias" has failed for the same reason. ${outcome.detail}`, outcome.numbers);
}
