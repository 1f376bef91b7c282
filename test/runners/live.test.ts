import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import test from "ava";
import { serveReport } from "../../runners/live.ts";
import { madeUpRun, writeRun } from "../reports/fixture.ts";
import { bench, temporaryFolder } from "./cli/call.ts";

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly refresh: string | undefined;
}

const ask = (
  url: string,
  { method = "GET", host, path = "/" }: { method?: string; host?: string; path?: string } = {},
) =>
  new Promise<Answer>((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const headers = host === undefined ? {} : { host };
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text, refresh: response.headers["refresh"] as string }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });

test("serveReport shows the report of now, asks to be looked at again, and at last gives the final one", async (t) => {
  const folder = temporaryFolder();
  const live = await serveReport(folder);
  t.regex(live.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const early = await ask(live.url);
  t.regex(early.text, /has begun/);
  t.is(early.refresh, "1");
  await writeRun(madeUpRun({ tasks: ["cat10"], estimators: ["gs"], pictures: false, states: {} }), folder);
  await new Promise((resolve) => setTimeout(resolve, 5200));
  const later = await ask(live.url, { path: "/report.html" });
  t.regex(later.text, /PARTIAL[^]*cat10-ranking/);
  t.is(later.refresh, "5");
  const closed = live.close();
  const last = await ask(live.url);
  t.is(last.refresh, undefined);
  t.notRegex(last.text, /<b>PARTIAL<\/b>/);
  await closed;
  await t.throwsAsync(ask(live.url));
});

test("serveReport refuses other hosts, writing, and every other path", async (t) => {
  const live = await serveReport(temporaryFolder());
  const { host } = new URL(live.url);
  const port = host.split(":")[1]!;
  for (const name of ["evil.example", `evil.example:${port}`, "127.0.0.1", `127.0.0.1.evil.example:${port}`])
    t.is((await ask(live.url, { host: name })).status, 403, name);
  t.is((await ask(live.url, { host: `localhost:${port}` })).status, 200);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
    t.is((await ask(live.url, { method })).status, 405, method);
  for (const path of ["/manifest.json", "/../etc/passwd", "/report.html/x", "//evil"])
    t.is((await ask(live.url, { path })).status, 404, path);
  t.is((await ask(live.url, { path: "/", method: "HEAD" })).text, "");
  await ask(live.url, { host: "evil.example" });
  const closed = live.close();
  await ask(live.url);
  await closed;
});

test("a port that is taken is an error of the environment in a sentence", async (t) => {
  const live = await serveReport(temporaryFolder());
  const error = await t.throwsAsync(serveReport(temporaryFolder(), Number(new URL(live.url).port)));
  t.regex(error.message, /^--port: \d+ must be free on 127\.0\.0\.1, got EADDRINUSE$/);
  await live.close();
});

test("bench run --watch serves while it trains, and writes the same file as ever", async (t) => {
  const cwd = temporaryFolder();
  let seen: Promise<Answer> | undefined;
  const argv = [
    "run",
    "-e",
    "gs",
    "-t",
    "coupled-bits",
    "--seeds",
    "1",
    "--steps",
    "100",
    "-o",
    "out",
    "--watch",
  ];
  const { status, err } = await bench(argv, {
    cwd,
    hear(text) {
      const url = /watch it at (\S+)/.exec(text)?.[1];
      if (url !== undefined) seen = ask(url);
    },
  });
  t.is(status, 0, err);
  t.is((await seen)?.status, 200);
  const html = readFileSync(join(cwd, "out", "report.html"), "utf8");
  t.notRegex(html, /<b>PARTIAL<\/b>|http-equiv="refresh"/i);
});
