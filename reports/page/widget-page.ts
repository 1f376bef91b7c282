/** The Gumbel-Softmax widget: as a part of the report, and as a page of its own. */
import { clientScript } from "./client-bundle.ts";
import { element, html } from "./html.ts";
import type { Markup } from "./html.ts";
import { policyHash } from "./policy.ts";
import { style } from "./style.ts";

const weights = [30, 12, 24, 4, 18, 12];
const shownSamples = 8;
/** Of the pictures side by side; 0 is the argmax. */
const temperatures = [0, 0.1, 0.5, 1, 10];

/** The widget's elements; they come alive by `startWidgets`. */
export function widgetMarkup(): Markup {
  const sliders = weights.map(
    (weight, k) =>
      html`<label
        ><input
          type="range"
          min="0"
          max="60"
          value="${weight}"
          data-weight="${k}"
          aria-label="weight of outcome ${k + 1}" /><span class="probability"></span
      ></label>`,
  );
  const columns = temperatures.map(
    (temperature) =>
      html`<div>
        <h4>${temperature === 0 ? "argmax" : `τ = ${temperature}`}</h4>
        <div class="bars" data-at="${temperature}" data-part="mean"></div>
        <div class="bars" data-at="${temperature}" data-part="sample"></div>
      </div>`,
  );
  const samples = Array.from({ length: shownSamples }, () => html`<div class="bars sample"></div>`);
  return html`<div class="widget">
    <div class="inputs">
      <h3>π</h3>
      <div class="weights">${sliders}</div>
      <p>
        <label
          >τ = <output class="temperature"></output
          ><input
            type="range"
            min="-1.5"
            max="1"
            step="0.02"
            value="0"
            data-temperature=""
            aria-label="temperature, logarithmic"
        /></label>
      </p>
      <p>
        <span class="group" role="group" aria-label="soft or hard samples"
          ><button type="button" data-hard="no" aria-pressed="true">soft</button
          ><button type="button" data-hard="yes" aria-pressed="false">hard</button></span
        >
        <button type="button" data-again="">re-sample</button>
      </p>
    </div>
    <div>
      <h3>Samples, <span class="formula">softmax((log π + g) / τ)</span></h3>
      <div class="samples">${samples}</div>
    </div>
    <div>
      <h3>Their mean against π (lines)</h3>
      <div class="bars mean"></div>
      <p class="said"></p>
    </div>
    <div class="compared">
      <h3>The same noise by Gumbel-Max and at four temperatures: mean of all, one sample</h3>
      <div class="columns">${columns}</div>
    </div>
  </div>`;
}

const doc =
  "Gumbel noise g and an argmax draw from a categorical distribution exactly; a softmax at temperature τ in the argmax's place can be differentiated. Cold samples are nearly one-hot and their mean is nearly π, but gradients through them vary wildly; warm ones are smooth, and their mean is not π, the plainest sign of their bias. The noise stays when π or τ moves.";

/** The section of the report. */
export function widgetSection(): Markup {
  return html`<section id="widget" class="live">
    <h2>The relaxation, by hand</h2>
    <p class="doc">${doc}</p>
    ${widgetMarkup()}
  </section>`;
}

/** A page with nothing but the widget: no request, no evaluation. */
export function widgetPage(): string {
  const script = clientScript("widget");
  const policy = `default-src 'none'; script-src ${policyHash(script)}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
    <html lang="en" class="scripted">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <title>Gumbel-Softmax, by hand</title>
        ${element("style", "", style)}
      </head>
      <body>
        <main>
          <h2>Gumbel-Softmax, by hand</h2>
          <p class="doc">${doc}</p>
          ${widgetMarkup()}
        </main>
        ${element("script", "", script)}
      </body>
    </html>`.markup;
}
