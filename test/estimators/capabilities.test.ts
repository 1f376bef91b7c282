import test from "ava";
import { capabilities, defineFamily, functionsOf, lacking } from "../../estimators/distributions/family.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { Claims, Family, Settings, SiteSpec } from "../../estimators/estimator.ts";
import { estimators } from "../../estimators/index.ts";
import { rowDraw } from "../../runners/check/gradient-draw.ts";
import { problems } from "../../runners/check/problems.ts";
import { refusalOf, stepOn } from "../../runners/check/subject.ts";
import { wasmEngine } from "../../runners/engine/wasm/wasm-backend.ts";
import { stream } from "../../runners/train/noise-streams.ts";
import { subject } from "./measured.ts";

/** The family with nothing but what is required of it. */
function reduced(family: Family, { requires }: Claims): Family {
  const required: readonly string[] = requires.flatMap(functionsOf);
  const optional: readonly string[] = capabilities.flatMap(functionsOf);
  const kept = Object.entries(family).filter(([f]) => !optional.includes(f) || required.includes(f));
  return defineFamily({ ...(Object.fromEntries(kept) as unknown as Family), properties: requires });
}

const variants: readonly (readonly [string, Settings])[] = [
  ...estimators.map(({ name }) => [name, name === "relax" || name === "nvil" ? { hidden: 8 } : {}] as const),
  ["gst", { adaptive: true }],
  ["imle", { adaptive: true }],
  ["redge", { last: "zgr" }],
  ["reinmax-cv", { noise: "conditional" }],
  ["reinmax-rao", { relax: "sample" }],
  ["reinforce", { credit: "local" }],
  ["st", { forward: "argmax", backward: "identity" }],
];

for (const [name, options] of variants)
  test.serial(
    `${name} ${JSON.stringify(options)} uses only what it claims to require of families`,
    async (t) => {
      const { estimator, settings } = subject(name, options);
      const { claims } = estimator;
      const admitted = problems.filter(
        (one) => refusalOf({ estimator, settings, label: name }, one) === undefined,
      );
      t.true(admitted.length > 0);
      for (const problem of admitted) {
        const reduce = (sites: readonly SiteSpec[]) =>
          sites.map((site) => ({ ...site, family: reduced(site.family, claims) }));
        const of = {
          ...problem,
          task: async (rows: number) => {
            const task = await problem.task(rows);
            return { ...task, sites: reduce(task.sites) };
          },
        };
        const draw = await rowDraw(await wasmEngine(), await stepOn({ estimator, settings }, of, 2));
        t.is((await draw.run(stream("capabilities", problem.name, 0))).length, 2 * draw.labels.length);
      }
    },
  );

test("a function of a capability that a family lacks throws, and names the capability", (t) => {
  const family = defineFamily({ name: "blank", rank: 0, variables: () => 1, outcomes: () => 2 });
  t.deepEqual(family.capabilities, []);
  t.throws(() => family.jacobian({} as never, {} as never), {
    message:
      'blank variables have no jacobian. An estimator that calls it must list "softmax" in claims.requires.',
  });
});

test("Bernoulli and categorical variables have every capability but each other's values", (t) => {
  const without = (one: string) => capabilities.filter((capability) => capability !== one);
  t.deepEqual(bernoulli.capabilities, without("one-hot"));
  t.deepEqual(categorical.capabilities, without("bits"));
  t.is(lacking(bernoulli, ["mean", "one-hot"]), "variables that are one-hot vectors");
  t.is(lacking(bernoulli, capabilities.slice(0, 2)), undefined);
});
