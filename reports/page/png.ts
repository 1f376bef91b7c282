/** Writes grey-scale tiles as one PNG, so that pictures need no scripts. */
import { crc32, deflateSync } from "node:zlib";
import type { PictureRecord } from "../format/records.ts";

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** An 8-bit grey PNG of `width` × `height` pixels, a byte each. */ function greyPng(
  width: number,
  height: number,
  pixels: Uint8Array,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = chunk("IDAT", deflateSync(lines, { level: 9 }));
  return Buffer.concat([signature, chunk("IHDR", header), data, chunk("IEND", Buffer.alloc(0))]);
}

/** Lays tiles out in columns, a grey pixel apart; missing or short tiles stay grey. */
export function tilesPng({ width, height, columns, tiles }: PictureRecord): {
  png: Buffer;
  width: number;
  height: number;
} {
  const across = Math.max(1, Math.min(columns, tiles.length));
  const down = Math.max(1, Math.ceil(tiles.length / across));
  const total = { width: across * (width + 1) - 1, height: down * (height + 1) - 1 };
  const pixels = new Uint8Array(total.width * total.height).fill(128);
  for (const [index, tile] of tiles.entries()) {
    const bytes = Buffer.from(tile, "base64");
    const left = (index % across) * (width + 1);
    const top = Math.floor(index / across) * (height + 1);
    for (let y = 0; y < height && (y + 1) * width <= bytes.length; y++)
      pixels.set(bytes.subarray(y * width, (y + 1) * width), (top + y) * total.width + left);
  }
  return { png: greyPng(total.width, total.height, pixels), ...total };
}
