/** The command as one can type it again. */
export function commandLine(argv: readonly string[]): string {
  return ["bench", ...argv.map(quoted)].join(" ");
}

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
