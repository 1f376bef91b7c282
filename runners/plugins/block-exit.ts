/** Where somebody else's code runs just now; several may overlap. */
const inside: string[] = [];
let exit: typeof process.exit;

/** While an action runs, somebody else's code that calls process.exit throws instead of ending the command. */
export async function withoutExit<R>(where: string, action: () => Promise<R>): Promise<R> {
  if (inside.push(where) === 1) {
    exit = process.exit.bind(process);
    process.exit = (code) => {
      throw new Error(
        `process.exit(${code ?? ""}) was called ${inside.at(-1) ?? where}, which may not end the run`,
      );
    };
  }
  try {
    return await action();
  } finally {
    inside.splice(inside.lastIndexOf(where), 1);
    if (inside.length === 0) process.exit = exit;
  }
}
