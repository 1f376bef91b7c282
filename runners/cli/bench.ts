#!/usr/bin/env node
import type { ExitStatus } from "../errors.ts";
import { main } from "./main.ts";

// A reader that has seen enough (`bench list | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

// Taken now: while a cell runs, its own process.exit only throws.
const exit = process.exit.bind(process);

const status: ExitStatus = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  onInterrupt(handler) {
    process.on("SIGINT", handler);
    process.on("SIGTERM", handler);
    return () => {
      process.off("SIGINT", handler);
      process.off("SIGTERM", handler);
    };
  },
  exit: (code) => exit(code),
});
process.exitCode = status;
