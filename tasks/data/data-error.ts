/**
 * An error about data that are absent, unreadable or wrong. The message is one sentence that names the file. `exit` is
 * the exit status of the command: 3 for the environment, 2 for a mistake of the user such as a path that does not exist.
 */
export class DataError extends Error {
  override readonly name = "DataError";

  constructor(
    message: string,
    readonly exit: 2 | 3 = 3,
  ) {
    super(message);
  }
}
