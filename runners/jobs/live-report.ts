/** Serves the report of a run that goes on: on the loopback interface, read-only, for no other host. */
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { aggregate } from "../../reports/aggregate/aggregate.ts";
import { readRuns } from "../../reports/format/joined-runs.ts";
import { reportPage } from "../../reports/page/document.ts";
import { waitingPage } from "../../reports/page/page-frame.ts";
import { resultsTable } from "../../reports/format/results-csv.ts";
import { codeOf, environment, messageOf } from "../errors.ts";

const headers = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
};

export interface LiveReport {
  readonly url: string;
  /** Waits until an open browser has loaded the final report, which does not reload, and ends the server. */
  close(): Promise<void>;
}

/** The content of a page. */
function contentOf(folder: string, partial: boolean) {
  const records = readRuns([folder]);
  return { records, summary: aggregate(records, { partial }), results: resultsTable(records.cells) };
}

type Content = ReturnType<typeof contentOf>;

/** The content that was read last, and why the latest reading failed. */
interface LiveState {
  readonly content?: Content;
  readonly error?: string;
}

function look(folder: string, partial: boolean, before?: Content): LiveState {
  try {
    // There is no manifest before the first numbers; anything else that cannot be read is shown as an error.
    return existsSync(join(folder, "manifest.json")) ? { content: contentOf(folder, partial) } : {};
  } catch (error) {
    return { ...(before && { content: before }), error: messageOf(error) };
  }
}

function textOf({ content, error }: LiveState, reload: number | undefined): string {
  const wrong = error === undefined ? undefined : `The report cannot be made: ${error}`;
  if (content === undefined) {
    const begun = "The run has begun; its report comes with the first numbers.";
    return waitingPage(wrong ?? (reload === undefined ? "The run ended without a report." : begun), reload);
  }
  const { records, summary, results } = content;
  return reportPage(records, summary, results, {
    ...(reload !== undefined && { reload }),
    ...(wrong !== undefined && { notice: `${wrong} What follows is older.` }),
  });
}

/** Why a request is refused: it names another host (as after DNS rebinding), or does more than read the page. */
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

interface Page {
  readonly text: string;
  readonly at: number;
  readonly content: Content | undefined;
  /** The page does not reload. */
  readonly final: boolean;
}

export interface LiveOptions {
  /** 0 stands for a free port. */
  readonly port?: number;
  /** Seconds between two loads of a browser; the page is made again about as often. */
  readonly period?: number;
}

/** Serves the folder's report on 127.0.0.1. */
export async function serveReport(
  folder: string,
  { port = 0, period = 5 }: LiveOptions = {},
): Promise<LiveReport> {
  let page: Page | undefined;
  let looked = -Infinity;
  let over = false;
  let saw: () => void = () => undefined;
  const last = new Promise<void>((resolve) => (saw = resolve));
  const now = () => performance.now() / 1000;
  const pause = (content: Content | undefined) => (content === undefined ? Math.min(1, period) : period);

  function current(): Page {
    if (page !== undefined && page.final === over && (over || now() - page.at < 0.9 * pause(page.content)))
      return page;
    const final = over;
    const state = look(folder, !final, page?.content);
    const text = textOf(state, final ? undefined : pause(state.content));
    page = { text, at: now(), content: state.content, final };
    return page;
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const refused = refusal(request, (server.address() as AddressInfo).port);
    if (refused !== undefined) {
      const allow = refused[0] === 405 ? { Allow: "GET, HEAD" } : {};
      response.writeHead(refused[0], { ...headers, ...allow, "Content-Type": "text/plain; charset=utf-8" });
      response.end(`${refused[1]}\n`);
      return;
    }
    looked = now();
    const { text, final } = current();
    response.writeHead(200, { ...headers, "Content-Type": "text/html; charset=utf-8" });
    response.end(request.method === "HEAD" ? undefined : text);
    if (final) response.on("close", saw);
  }

  const server = createServer((request, response) => {
    try {
      answer(request, response);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500, headers);
      response.end(`${messageOf(error)}\n`);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(
        environment(
          `--port: port ${port} of 127.0.0.1 cannot be used: ${codeOf(error) ?? messageOf(error)}.`,
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
      const open = now() - looked < 3 * period + 5;
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, 2000 * period + 5000)));
      if (open) await Promise.race([last, limit]);
      clearTimeout(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
