/** The frame of every page: one file that makes no request, whose policy admits only the scripts that it names. */
import { createHash } from "node:crypto";
import { element, html, raw, type Markup } from "./html.ts";

/** A script as the content security policy names it: by the checksum of its text. */
export const policyHash = (script: string): string =>
  `'sha256-${createHash("sha256").update(script, "utf8").digest("base64")}'`;

export interface PageParts {
  readonly title: string;
  readonly body: Markup;
  readonly style?: string;
  /** Runs before the body is read. */
  readonly headScript?: string;
  /** Runs after the body. */
  readonly script?: string;
  /** Policy hashes of texts that the page's own scripts run. */
  readonly hashes?: readonly string[];
}

/** A whole page as text. */
export function framedPage(parts: PageParts): string {
  const { title, body, style, headScript, script, hashes = [] } = parts;
  const admitted = [headScript, script].filter((text) => text !== undefined).map(policyHash);
  const sources = [...admitted, ...hashes].join(" ") || "'none'";
  const policy = [
    "default-src 'none'",
    `script-src ${sources}`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const own = (text: string | undefined) => text !== undefined && element("script", "", text);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${raw(policy.join("; "))}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        ${style !== undefined && element("style", "", style)} ${own(headScript)}
      </head>
      <body>
        ${body} ${own(script)}
      </body>
    </html>`.markup;
}
