/** Combinators as they are chosen: with the estimator that their option `of` names. */
import { type Combinator, innerOptions } from "../../estimators/wrappers/wrapper.ts";
import type { OptionValue } from "../../estimators/estimator.ts";
import { mistake } from "../errors.ts";
import { sha256 } from "../hash.ts";
import type { EstimatorEntry, Registry } from "./registry.ts";
import { matching } from "../options/selection.ts";

type Given = Readonly<Record<string, OptionValue>>;

/** A combinator around an inner entry; its hash is of both files. */
export function combinedEntry(
  combinator: Combinator,
  inner: EstimatorEntry,
  entry: Omit<EstimatorEntry, "estimator" | "combinator">,
): EstimatorEntry {
  const why = combinator.accepts(inner.estimator);
  if (why !== undefined) throw mistake(`${combinator.name}: ${why}`);
  const sourceHash = () => sha256(`${entry.sourceHash()} ${inner.sourceHash()}`);
  return { ...entry, estimator: combinator.combine(inner.estimator), combinator, sourceHash };
}

/** The entry that the options mean: another inner estimator for a combinator, itself otherwise. */
export function resolveEntry(entry: EstimatorEntry, given: Given, registry: Registry): EstimatorEntry {
  const { combinator, own } = entry;
  if (combinator === undefined || given["of"] === undefined) return entry;
  const [found] = matching(String(given["of"]), "estimator", registry.estimators);
  const inner = resolveEntry(found!, innerOptions(given), registry);
  return combinedEntry(combinator, inner, { ...entry, sourceHash: own ?? entry.sourceHash });
}
