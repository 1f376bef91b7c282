import { messageOf } from "../../errors.ts";
import { stream } from "../../train/noise-streams.ts";
import { rowDraw } from "../gradient-draw.ts";
import { type Check, fail, many, pass } from "../outcome.ts";
import { seed, sourceOf } from "../subject.ts";

const isSentence = (why: string) => why.includes(": ") && why.trim().split(/\s+/).length >= 5;

export const plays: Check = {
  name: "plays",
  doc: "it runs on every problem that its claims admit, and is refused with a sentence on the rest",
  async run(subject) {
    const { admitted, refused } = subject;
    const mute = refused.find(({ why }) => !isSentence(why));
    if (mute) return fail(`a refusal must be a sentence, got "${mute.why}" on ${mute.problem.name}`);
    const broken: string[] = [];
    for (const problem of admitted)
      try {
        const draw = await rowDraw(subject.engine, await sourceOf(subject, problem, 2));
        const values = await draw.run(stream("check plays", problem.name, seed));
        if (!values.every(Number.isFinite)) broken.push(`${problem.name}: a gradient that is not finite`);
      } catch (error) {
        broken.push(`${problem.name}: ${messageOf(error)}`);
      }
    if (broken.length > 0)
      return fail(
        `it must run where its claims admit it, got ${broken.length} failures; ${broken.join("; ")}`,
      );
    if (admitted.length === 0)
      return fail(`its claims must admit one problem, got none; ${refused.map(({ why }) => why).join("; ")}`);
    const names = admitted.map(({ name }) => name).join(", ");
    const rest = refused.map(({ why }) => why).join("; ");
    const kept = refused.length === 0 ? "" : `; refused on ${many(refused.length, "other")}: ${rest}`;
    return pass(`runs on ${names}${kept}`);
  },
};
