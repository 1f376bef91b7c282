/** The frame of every page: one file that makes no request, whose policy admits only the scripts that it names. */
import { createHash } from "node:crypto";
import { clientBundle } from "./client-bundle.ts";
import { element, html, raw, type Markup } from "./html.ts";

/** A script as the content security policy names it: by the checksum of its text. */
export const policyHash = (script: string): string =>
  `'sha256-${createHash("sha256").update(script, "utf8").digest("base64")}'`;

/** Runs before the body is read, so that controls do not appear late. */
const markScripted = 'document.documentElement.classList.add("scripted");';

export interface PageParts {
  readonly title: string;
  readonly body: Markup;
  /** Runs after the body. */
  readonly script: string;
  /** Policy hashes of texts that the page's own scripts run, or other sources of scripts. */
  readonly hashes?: readonly string[];
  /** A link to a style sheet in place of the style itself, for a page of several. It may show pictures beside it. */
  readonly style?: Markup;
}

/** A whole page as text, with the style of all pages. */
export function framedPage({ title, body, script, hashes = [], style }: PageParts): string {
  const beside = style ? " 'self' file:" : "";
  const policy = [
    "default-src 'none'",
    `script-src ${[policyHash(markScripted), policyHash(script), ...hashes].join(" ")}`,
    `style-src 'unsafe-inline'${beside}`,
    `img-src data: blob:${beside}`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${raw(policy.join("; "))}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        ${style ?? element("style", "", clientBundle("style.css"))} ${element("script", "", markScripted)}
      </head>
      <body>
        ${body} ${element("script", "", script)}
      </body>
    </html>`.markup;
}
