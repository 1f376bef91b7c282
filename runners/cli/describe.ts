/** Estimators, tasks and engines as plain data, for `list`, `info` and whoever reads their JSON. */
import { bernoulli } from "../../estimators/distributions/index.ts";
import type { Estimator, OptionSpecs, SiteSpec } from "../../estimators/estimator.ts";
import { papers, type Paper } from "../../estimators/papers.ts";
import type { TaskDefinition } from "../../tasks/task.ts";
import { engines, defaultEngine } from "../engines.ts";
import { resolveOptions } from "../options.ts";
import type { EstimatorEntry } from "../registry.ts";

const bibliography: Readonly<Record<string, Paper>> = papers;

/** The paper of a citation key; undefined for words. */
export function paperOf(key: string | undefined): Paper | undefined {
  return key !== undefined && Object.hasOwn(bibliography, key) ? bibliography[key] : undefined;
}

/** `Jang, Gu & Poole 2016` for a key, the words themselves otherwise. */
export function citation(key: string | undefined): string {
  const paper = paperOf(key);
  if (paper === undefined) return key ?? "";
  const names = paper.authors.map((author) => /(?:^| )((?:[a-z]+ )*\S+)$/.exec(author)![1]!);
  const last = names.at(-1)!;
  const listed =
    names.length > 3
      ? `${names[0]} et al.`
      : names.length > 1
        ? `${names.slice(0, -1).join(", ")} & ${last}`
        : last;
  return `${listed} ${paper.year}`;
}

/** One binary variable: where evaluations depend on the sites, the table is of this one. */
const oneBit: readonly SiteSpec[] = [{ name: "z", family: bernoulli, shape: [1] }];

/** Evaluations per row and step at the default options, on one binary variable. */
export function evaluationsOf(estimator: Estimator): { forward: number; backward: number } {
  const { name, claims } = estimator;
  return claims.evaluations(
    oneBit,
    resolveOptions({}, { who: name, specs: estimator.options as OptionSpecs }),
  );
}

export type DescribedEstimator = ReturnType<typeof describeEstimator>;
export type DescribedTask = ReturnType<typeof describeTask>;
export type DescribedEngine = ReturnType<typeof describeEngines>[number];

export function describeEstimator({ estimator, source, plugin }: EstimatorEntry) {
  const { name, title, aliases = [], paper, formula, claims } = estimator;
  return {
    ...{ name, title, aliases },
    formula: formula ?? null,
    claims: { ...claims, evaluations: evaluationsOf(estimator) },
    options: estimator.options as OptionSpecs,
    paper: paper ?? null,
    citation: paperOf(paper) ?? null,
    ...{ source, plugin },
  };
}

export function describeTask({
  name,
  title,
  aliases = [],
  version,
  paper,
  doc,
  options,
  variants,
  steps,
}: TaskDefinition) {
  return {
    ...{ name, title, aliases, version, doc, steps, options },
    variants: variants ?? {},
    paper: paper ?? null,
    citation: paperOf(paper) ?? null,
    source: `tasks/${name}`,
  };
}

export function describeEngines() {
  return engines.map(({ name, title, options }) => ({
    name,
    title,
    options,
    default: name === defaultEngine,
  }));
}
