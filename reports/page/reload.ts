/** A page of a run that is still going on loads itself again, with its hash, where a reader's switches are kept. */
import { element, html, raw } from "./html.ts";
import type { Markup } from "./html.ts";
import { policyHash } from "./policy.ts";

/** The browser's own refresh follows its address instead: with a hash it only scrolls. A slow page is read first. */
export const reloadScript = (seconds: number): string =>
  `addEventListener("load", () => setTimeout(() => location.reload(), ${1000 * seconds}));`;

/** For the head of the page; a refresh serves where scripts are off. */
export function reloading(seconds: number): Markup {
  return html`<noscript><meta http-equiv="refresh" content="${seconds}" /></noscript>
    ${element("script", "", reloadScript(seconds))}`;
}

/** What stands until there is a report, or in place of one that cannot be made. */
export function waitingPage(text: string, seconds?: number): string {
  const scripts = seconds === undefined ? "" : `script-src ${policyHash(reloadScript(seconds))}; `;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; ${raw(scripts)}img-src data:"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>bench</title>
        ${seconds !== undefined && reloading(seconds)}
      </head>
      <body>
        <p>${text}</p>
      </body>
    </html>`.markup;
}
