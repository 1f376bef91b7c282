/** Versions of tasks and of the protocol: results of two versions never stand in one report. */
import { BenchError } from "./bench-error.ts";
import type { CellRecord, Manifest } from "./records.ts";

/** A number; for a task of a plug-in a text that has its source too. */
export type Version = number | string;

const versionIn = (value: unknown, name: string): Version | null => {
  const found = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return typeof found === "number" || typeof found === "string" ? found : null;
};

/** The version of its task that a cell's hash covers; null where the record does not say. */
export const taskVersionOf = ({ resolved }: Pick<CellRecord, "resolved">): Version | null =>
  versionIn(resolved["task"], "version");

/** The version of a task in a run; null where the run does not have the task. */
export const taskVersionIn = ({ configuration }: Pick<Manifest, "configuration">, task: string) =>
  versionIn(configuration["versions"], task);

/** Throws where runs hold two versions of the protocol or of a task. */
export function refuseTwoVersions(manifests: readonly Manifest[]): void {
  const known = new Map<string, { readonly version: Version | null; readonly name: string }>();
  for (const { name, ...manifest } of manifests) {
    const tasks = [...new Set(manifest.matrix.map(({ task }) => task))];
    const ofTasks = tasks.map((task) => [task, taskVersionIn(manifest, task)] as const);
    for (const [what, version] of [["the protocol", manifest.protocol] as const, ...ofTasks]) {
      const before = known.get(what) ?? { version, name };
      known.set(what, before);
      if (before.version !== version)
        throw new BenchError(
          `The results of ${before.name} and ${name} cannot be compared: they are of version ${before.version} and of version ${version} of ${what}.`,
          2,
        );
    }
  }
}
