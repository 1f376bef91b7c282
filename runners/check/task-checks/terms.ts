/**
 * The terms of the cost name all sites whose samples they depend on, and the logits of a site depend on the samples of its
 * `parents` alone. With all other samples held fixed, a site's sample is replaced by another; what does not name it keeps its
 * bits. The samples are of equally likely outcomes: a single bit that is the same in all S · B of them hides a dependence with
 * probability 2⁻⁶⁴ or less.
 */
import { listed, plural } from "../../../reports/aggregate/numbers.ts";
import { type Check, fail, pass } from "../outcome.ts";
import { evaluate, observe, type Scene } from "../scene-values.ts";
import { drawnSamples, type TaskSubject } from "../task-scene.ts";
import { prefixed, under } from "../../train/step-inputs.ts";
import { differing } from "./same-bits.ts";

const samples = 16;

interface Seen {
  readonly sites: readonly (readonly string[])[];
  readonly values: Awaited<ReturnType<typeof evaluate>>;
}

async function seenOn({ engine }: TaskSubject, scene: Scene): Promise<Seen> {
  let sites: Seen["sites"] = [];
  const values = await evaluate(engine, scene, (parts) => {
    const { terms, logits } = observe(parts);
    sites = terms.map((term) => term.sites);
    return {
      ...prefixed("term", Object.fromEntries(terms.map(({ cost }, i) => [String(i), cost]))),
      ...prefixed("logits", logits),
    };
  });
  return { sites, values };
}

export const costTerms: Check<TaskSubject> = {
  name: "terms",
  async run(subject) {
    const whole = await subject.whole();
    const { sites } = whole.task;
    const [own, other] = [
      await drawnSamples(subject.engine, whole, samples, { uniform: true }),
      await drawnSamples(subject.engine, whole, samples, { uniform: true, tag: "other" }),
    ];
    const before = await seenOn(subject, { ...whole, samples: own });
    for (const { name } of sites) {
      const after = await seenOn(subject, { ...whole, samples: { ...own, [name]: other[name]! } });
      const changed = (prefix: string, key: string) => {
        const only = (seen: Seen) => ({ x: under(prefix, seen.values)[key]! });
        return differing(only(before), only(after)) !== undefined;
      };
      const term = before.sites.findIndex((named, i) => !named.includes(name) && changed("term", String(i)));
      if (term >= 0)
        return fail(
          `Term ${term + 1} of the cost names ${before.sites[term]!.length === 0 ? "no site" : listed(before.sites[term]!)}, but changes with the sample of ${name}; add "${name}" to its sites.`,
        );
      const child = sites.find(
        (site) =>
          site.name !== name &&
          !(site.parents ?? earlierThan(site.name)).includes(name) &&
          changed("logits", site.name),
      );
      if (child)
        return fail(
          `The logits of site ${child.name} change with the sample of ${name}, which is not among its parents; add "${name}" to the parents of ${child.name}.`,
        );
    }
    const terms = before.sites.length;
    const declared = sites.filter(({ parents }) => parents).length;
    return pass(
      `${terms === 1 ? "The one term" : `Each of ${terms} terms`} of the cost depends on the sites that it names; logits depend on earlier sites${declared > 0 ? `, those of ${plural(declared, "site")} on the parents declared` : ""}.`,
    );

    function earlierThan(name: string): string[] {
      return sites
        .slice(
          0,
          sites.findIndex((site) => site.name === name),
        )
        .map((site) => site.name);
    }
  },
};
