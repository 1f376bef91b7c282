/** The places where code of a plug-in runs now; several may overlap. */
const running: string[] = [];
let exit: typeof process.exit;

/** Runs an action during which `process.exit` throws an error that names `where` instead of ending the command. */
export async function withExitBlocked<R>(where: string, action: () => Promise<R>): Promise<R> {
  if (running.push(where) === 1) {
    exit = process.exit.bind(process);
    process.exit = (code) => {
      throw new Error(
        `process.exit(${code ?? ""}) was called ${running.at(-1) ?? where}; a plug-in must not end the run`,
      );
    };
  }
  try {
    return await action();
  } finally {
    running.splice(running.lastIndexOf(where), 1);
    if (running.length === 0) process.exit = exit;
  }
}
