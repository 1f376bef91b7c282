/**
 * Data that are absent, unreadable or not what they should be; the message is one sentence that names the file.
 * `exit` is the status the command ends with: 3, the environment; 2 where the user named a path that is not there.
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
