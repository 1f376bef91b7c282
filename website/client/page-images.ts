/// <reference lib="dom" />
/** In place of tasks/data/load-images.ts: the digits of 8 × 8 that the page holds as base64. */
import type { Images } from "../../tasks/data/images.ts";
import type { Split } from "../../tasks/task.ts";

export interface PageImages extends Omit<Images, "splits"> {
  readonly splits: Readonly<Record<Split, { readonly rows: number; readonly pixels: string }>>;
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

export function loadImages(): Promise<Images> {
  const { splits, ...rest } = JSON.parse(document.querySelector("#images")!.textContent) as PageImages;
  const split = ({ rows, pixels }: PageImages["splits"][Split]) => ({ rows, pixels: bytesOf(pixels) });
  const { train, valid, test } = splits;
  return Promise.resolve({
    ...rest,
    splits: { train: split(train), valid: split(valid), test: split(test) },
  });
}
