/** Estimators, tasks and engines as plain data, for `bench list` and `bench info`. */
import { oneOfEach, thoseWith } from "../../../estimators/distributions/index.ts";
import type { Estimator, Identity, OptionSpecs } from "../../../estimators/estimator.ts";
import { papers, type Paper } from "../../../estimators/core/bibliography.ts";
import { engines, defaultEngine } from "../../engine/index.ts";
import { resolveOptions } from "../../options/resolve.ts";
import type { EstimatorEntry, TaskEntry } from "../../plan/registry.ts";

const bibliography: Readonly<Record<string, Paper>> = papers;

/** The paper of a citation key; undefined for words. */
export function paperOf(key: string | undefined): Paper | undefined {
  return key !== undefined && Object.hasOwn(bibliography, key) ? bibliography[key] : undefined;
}

/** `Jang, Gu & Poole 2016` for a key, the words themselves otherwise. */
export function citation(key: string | undefined): string {
  const paper = paperOf(key);
  if (paper === undefined) return key ?? "";
  const names = paper.authors.map((author) => /(?:^| )((?:(?:[a-z]+|De|Van) )*\S+)$/.exec(author)![1]!);
  const last = names.at(-1)!;
  const listed =
    names.length > 3
      ? `${names[0]} et al.`
      : names.length > 1
        ? `${names.slice(0, -1).join(", ")} & ${last}`
        : last;
  return `${listed} ${paper.year}`;
}

/** `IndeCateR (De Smet et al. 2023), with one sample` */
export const identityText = ({ name, when, paper }: Identity): string =>
  `${name}${paper === undefined ? "" : ` (${citation(paper)})`}${when === undefined ? "" : `, ${when}`}`;

/** Where evaluations depend on the sites, tables are of one variable of the first family that fits: of a bit, if it does. */
const variableOf = ({ claims }: Estimator) => ({
  name: "z",
  ...(thoseWith(claims.requires)[0] ?? oneOfEach[0]),
});

/** Evaluations per row and step at the default options, for one variable. */
function evaluationsOf(estimator: Estimator): { forward: number; backward: number } {
  return estimator.claims.evaluations([variableOf(estimator)], defaultsOf(estimator));
}

const defaultsOf = ({ name, options }: Estimator) =>
  resolveOptions({}, { who: name, specs: options as OptionSpecs });

export type DescribedEstimator = ReturnType<typeof describeEstimator>;
export type DescribedTask = ReturnType<typeof describeTask>;
export type DescribedEngine = ReturnType<typeof describeEngines>[number];

/** A combinator is described with the estimator that it wraps by default. */
export function describeEstimator({ estimator, source, plugin, combinator }: EstimatorEntry) {
  const { name, formula, claims, identities = [] } = estimator;
  const { title, aliases = [], paper } = combinator ?? estimator;
  return {
    ...{ name, title, aliases },
    wraps: combinator ? { doc: combinator.doc, around: String(combinator.options["of"]!.default) } : null,
    formula: formula ?? null,
    identities: combinator ? [] : identities,
    claims: {
      ...claims,
      families: thoseWith(claims.requires).map(({ kind }) => kind),
      sampleLaw: claims.sampleLaw?.(defaultsOf(estimator), [variableOf(estimator)]),
      evaluations: { ...evaluationsOf(estimator), of: variableOf(estimator).words },
    },
    options: estimator.options as OptionSpecs,
    paper: paper ?? null,
    citation: paperOf(paper) ?? null,
    ...{ source, plugin },
  };
}

export function describeTask(task: TaskEntry) {
  const { name, title, aliases = [], version, doc, steps, options, paper, plugin } = task;
  return {
    ...{ name, title, aliases, version, doc, steps, options },
    variants: task.variants ?? {},
    variantSteps: task.variantSteps ?? {},
    paper: paper ?? null,
    citation: paperOf(paper) ?? null,
    source: plugin?.source ?? `tasks/${name}`,
    plugin: plugin !== undefined,
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
