import { DataError } from "./data-error.ts";
import type { Images, ImageSplit } from "./images.ts";

/** Sides of images: the first leaves them as they are. */
export const sides = ["28", "14", "7", "4", "2"] as const;

const kept = new WeakMap<Images, Map<number, Images>>();

/** Means of square patches, rounded to whole greys. */
function shrink({ pixels, ...rest }: ImageSplit, from: number, to: number): ImageSplit {
  const patch = from / to;
  const small = new Uint8Array(rest.rows * to * to);
  for (let row = 0; row < rest.rows; row++)
    for (let y = 0; y < to; y++)
      for (let x = 0; x < to; x++) {
        let sum = 0;
        for (let dy = 0; dy < patch; dy++)
          for (let dx = 0; dx < patch; dx++)
            sum += pixels[(row * from + y * patch + dy) * from + x * patch + dx]!;
        small[(row * to + y) * to + x] = Math.round(sum / patch ** 2);
      }
  return { ...rest, pixels: small };
}

/**
 * The images at a smaller side, as means of square patches, before any binarisation. Computed once for each side. Throws a
 * DataError for a side that does not divide that of the images.
 */
export function atSide(images: Images, side: number): Images {
  if (side === images.width || side === Number(sides[0])) return images;
  if (images.width % side !== 0)
    throw new DataError(`side=${side} does not divide the side of these images, ${images.width}.`, 2);
  const known = kept.get(images) ?? new Map<number, Images>();
  kept.set(images, known);
  const { train, valid, test } = images.splits;
  const small = (split: ImageSplit) => shrink(split, images.width, side);
  const made = known.get(side) ?? {
    ...images,
    width: side,
    height: side,
    splits: { train: small(train), valid: small(valid), test: small(test) },
  };
  known.set(side, made);
  return made;
}
