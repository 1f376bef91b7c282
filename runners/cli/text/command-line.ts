import { quoted } from "../../options/shell-quote.ts";

export { quoted };

/** The command as one can type it again. */
export function commandLine(argv: readonly string[]): string {
  return ["bench", ...argv.map(quoted)].join(" ");
}

/** The command that goes on with what this one began: `--force` would begin again. */
export function resumingLine(argv: readonly string[]): string {
  return commandLine(argv.filter((word) => !/^--force(=|$)/.test(word)));
}
