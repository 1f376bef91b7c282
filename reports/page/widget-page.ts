/** The Gumbel-Softmax widget: as a section of the report, and as a page of its own. */
import { clientBundle } from "./client-bundle.ts";
import { html, type Markup } from "./html.ts";
import { framedPage } from "./page-frame.ts";

const weights = [30, 12, 24, 4, 18, 12];
const shownSamples = 8;
/** Temperatures of the pictures side by side; 0 is the argmax. */
const temperatures = [0, 0.1, 0.5, 1, 10];

/** The widget's elements, which `startWidgets` of client/gumbel-widget.ts makes work. */
function widgetMarkup(): Markup {
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
      <h3>Mean of the samples against π (lines)</h3>
      <div class="bars mean"></div>
      <p class="said"></p>
    </div>
    <div class="compared">
      <h3>The same noise by argmax and at four temperatures: mean of all samples, and one sample</h3>
      <div class="columns">${columns}</div>
    </div>
  </div>`;
}

const explanation =
  "Adding Gumbel noise g to log π and taking the argmax draws exactly from the categorical distribution π. A softmax at temperature τ in place of the argmax can be differentiated. At a low temperature samples are nearly one-hot and their mean is nearly π, but gradients through them have a high variance; at a high temperature samples are smooth, but their mean differs from π, a sign of the bias. The noise stays the same while π or τ changes.";

/** The section of the report. */
export function widgetSection(): Markup {
  return html`<section id="widget" class="live">
    <h2>Gumbel-Softmax by hand</h2>
    <p class="doc">${explanation}</p>
    ${widgetMarkup()}
  </section>`;
}

/** A page with nothing but the widget. */
export const widgetPage = (): string =>
  framedPage({
    title: "Gumbel-Softmax by hand",
    script: clientBundle("start-widget.ts"),
    body: html`<main>${widgetSection()}</main>`,
  });
