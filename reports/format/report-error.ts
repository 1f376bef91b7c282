/** An error whose message is meant for the reader: one sentence that names the file and what was expected. */
export function reportError(message: string): Error {
  const error = new Error(message);
  error.name = "ReportError";
  return error;
}

/** Whether an error came from the reports room and needs no stack. */
export function isReportError(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReportError";
}
