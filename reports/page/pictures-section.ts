/** The pictures that a task's cells have drawn. */
import type { Cell, PictureRecord } from "../format/records.ts";
import { html, raw, type Markup } from "./html.ts";
import { tilesPng } from "./png.ts";

/**
 * The pictures of the first finished seed of each estimator, one kind of picture after the other. A caption that
 * differs from that of the first picture of its kind, as of another number of steps, stands with its own picture.
 */
export function pictures(cells: readonly Cell[]): Markup | null {
  const kinds = new Map<string, { first: PictureRecord; figures: Map<string, Markup> }>();
  for (const { record } of cells)
    for (const picture of record.state === "done" ? (record.pictures ?? []) : []) {
      const kind = kinds.get(picture.name) ?? { first: picture, figures: new Map<string, Markup>() };
      kinds.set(picture.name, kind);
      const caption = picture.caption === kind.first.caption ? "" : picture.caption;
      if (!kind.figures.has(record.label))
        kind.figures.set(record.label, pictureFigure(record, picture, caption));
    }
  if (kinds.size === 0) return null;
  return html`<h3>Pictures</h3>
    ${[...kinds.values()].map(
      ({ first, figures }) =>
        html`<p class="doc"><b>${first.title}.</b> ${first.caption}</p>
          <div class="pictures">${[...figures.values()]}</div>`,
    )}`;
}

function pictureFigure({ label, seed }: Cell["record"], picture: PictureRecord, caption: string): Markup {
  const { png, width, height } = tilesPng(picture);
  const source = raw(`data:image/png;base64,${png.toString("base64")}`);
  return html`<figure data-picture="${label}">
    <figcaption><b>${label}</b> <span>seed ${seed}${caption !== "" && html`. ${caption}`}</span></figcaption>
    <img src="${source}" width="${width}" height="${height}" alt="${picture.title}, ${label}" />
  </figure>`;
}
