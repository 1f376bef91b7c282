import { quoted } from "../quoted.ts";

export { quoted };

/** The command as one can type it again. */
export function commandLine(argv: readonly string[]): string {
  return ["bench", ...argv.map(quoted)].join(" ");
}
