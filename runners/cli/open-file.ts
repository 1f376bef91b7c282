import { spawn } from "node:child_process";

/** Opens a file with the desktop's default program; does nothing where there is none. */
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
