/** The report of a run that is still going on, on the loopback interface: read-only, one port, no other host. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { aggregate } from "../reports/aggregate.ts";
import { reportPage } from "../reports/page/document.ts";
import { readRun } from "../reports/read.ts";
import { resultsTable } from "../reports/results.ts";
import { codeOf, environment, messageOf } from "./errors.ts";

/** Seconds between two looks of a browser; the page is made anew at most so often. */
const period = 5;

const headers = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
};

export interface Live {
  readonly url: string;
  /** Lets an open browser take the last state, which asks for no other, and ends. */
  close(): Promise<void>;
}

async function pageOf(folder: string, partial: boolean): Promise<string> {
  const records = await readRun(folder);
  return reportPage(records, aggregate(records, { partial }), resultsTable(records.cells));
}

const waiting = `<!doctype html><meta charset="utf-8"><title>bench</title><p>The run has begun; its report comes with the first numbers.</p>`;

/** Why a request is refused: another host's name (a page elsewhere that rebinds its own), or not a reading of the page. */
function refusal(
  { headers: { host }, method, url }: IncomingMessage,
  port: number,
): [number, string] | undefined {
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    return [403, "the host must be 127.0.0.1 or localhost"];
  if (method !== "GET" && method !== "HEAD") return [405, "the report can only be read"];
  if (!["/", "/report.html"].includes((url ?? "/").split("?", 1)[0]!))
    return [404, "there is only the report"];
  return undefined;
}

/** Serves the folder's report on 127.0.0.1 at a port, or at a free one for 0. */
export async function serveReport(folder: string, port = 0): Promise<Live> {
  let page: { readonly text: string; readonly at: number } | undefined;
  let looked = -Infinity;
  let over = false;
  let saw: () => void = () => undefined;
  const last = new Promise<void>((resolve) => (saw = resolve));
  const now = () => performance.now() / 1000;

  async function current(): Promise<string> {
    if (page === undefined || over || now() - page.at > period)
      page = { text: await pageOf(folder, !over).catch(() => page?.text ?? waiting), at: now() };
    return page.text;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusal(request, (server.address() as AddressInfo).port);
    if (refused !== undefined) {
      const allow = refused[0] === 405 ? { Allow: "GET, HEAD" } : {};
      response.writeHead(refused[0], { ...headers, ...allow, "Content-Type": "text/plain; charset=utf-8" });
      response.end(`${refused[1]}\n`);
      return;
    }
    looked = now();
    const final = over;
    const text = await current();
    // Reloading keeps the place and the address, where the page keeps its switches; no script is needed.
    const again = final ? {} : { Refresh: String(text === waiting ? 1 : period) };
    response.writeHead(200, { ...headers, ...again, "Content-Type": "text/html; charset=utf-8" });
    response.end(request.method === "HEAD" ? undefined : text);
    if (final) response.on("close", saw);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, headers);
      response.end(`${messageOf(error)}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(
        environment(
          `--port: ${port} must be free on 127.0.0.1, got ${codeOf(error) ?? messageOf(error)}`,
          error,
        ),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      over = true;
      const open = now() - looked < 3 * period;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, 2000 * period)));
      if (open) await Promise.race([last, patience]);
      clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
