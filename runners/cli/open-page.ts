import { spawn } from "node:child_process";

/** Shows a file in the desktop's own program; a machine without one is no failure. */
export function openFile(path: string): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", ""]
        : ["xdg-open"];
  const child = spawn(command, [...args, path], { detached: true, stdio: "ignore" });
  child.on("error", () => undefined);
  child.unref();
}
