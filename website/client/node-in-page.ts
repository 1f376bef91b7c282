/** What the estimators and tasks need of Node, for a page: `require` of tfjs alone, and SHA-256. */
import { sha256 } from "@noble/hashes/sha2.js";
import * as tfjs from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import "@tensorflow/tfjs-backend-cpu";

export const createRequire = () => () => tfjs;

/** Only what the keys of noise take: two words of the digest of a text. */
export const createHash = () => ({
  update: (text: string) => ({
    digest() {
      const view = new DataView(sha256(new TextEncoder().encode(text)).buffer);
      return { readUInt32BE: (at: number) => view.getUint32(at) };
    },
  }),
});
