/**
 * Event files of TensorBoard. A file is a sequence of TFRecords: the length of the data, its checksum, the data, its checksum.
 * The data are protocol buffers of the type tensorflow.Event. No JavaScript library that is maintained writes them but
 * tfjs-node, which is native code.
 */
import { fileNameOf } from "../format/disk.ts";
import { gradientMetrics } from "../format/results-csv.ts";
import { double, float, integer, message, text } from "../format/protobuf.ts";
import type { Cell } from "../format/records.ts";

/** Castagnoli's polynomial, bits reversed. */
const polynomial = 0x82f63b78;
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1;
  return sum;
});

/** CRC-32C (RFC 3720). */
export const crc32c = (bytes: Uint8Array): number =>
  ~bytes.reduce((sum, byte) => table[(sum ^ byte) & 255]! ^ (sum >>> 8), 0xffffffff) >>> 0;

/** The checksum of a TFRecord: CRC-32C, rotated and shifted by a constant. */
function masked(bytes: Uint8Array): Uint8Array {
  const sum = crc32c(bytes);
  return new Uint8Array(Uint32Array.of(((sum >>> 15) | (sum << 17)) + 0xa282ead8).buffer);
}

function tfRecord(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(BigUint64Array.of(BigInt(data.length)).buffer);
  return Buffer.concat([length, masked(length), data, masked(data)]);
}

interface Scalar {
  readonly tag: string;
  readonly step: number;
  readonly seconds: number;
  readonly value: number | null | undefined;
}

/** The curves and gradient statistics of a cell, as finite numbers. */
const scalarsOf = ({ curve, gradients }: Cell): Scalar[] =>
  [
    ...curve.map(({ metric, split, ...row }) => ({ tag: `${metric}/${split}`, ...row })),
    ...gradients.flatMap(({ protocol, ...row }) =>
      Object.entries(gradientMetrics).map(([metric, key]) => ({
        ...{ tag: `gradients-${protocol}/${metric}`, value: row[key] },
        ...{ step: row.step, seconds: row.seconds },
      })),
    ),
  ].filter(({ value }) => value !== null && value !== undefined);

/** The event file of a cell: a run of TensorBoard for each task, estimator and seed. */
export function eventFile(cell: Cell): readonly [path: string, content: Uint8Array] {
  const { taskLabel, label, seed, started } = cell.record;
  const begun = Date.parse(started) / 1000;
  const events = scalarsOf(cell).map(({ tag, step, seconds, value }) =>
    tfRecord(
      Buffer.concat([
        ...[double(1, begun + seconds), integer(2, step)],
        message(5, message(1, text(1, tag), float(2, value!))),
      ]),
    ),
  );
  const version = tfRecord(Buffer.concat([double(1, begun), text(3, "brain.Event:2")]));
  const run = [fileNameOf(taskLabel), fileNameOf(label), `seed-${seed}`].join("/");
  return [`tensorboard/${run}/events.out.tfevents.bench`, Buffer.concat([version, ...events])];
}
