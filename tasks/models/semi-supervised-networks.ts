/** The three networks of semi-supervised classification, as perceptrons or as convolutions. */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, Settings, T } from "../../estimators/estimator.ts";
import { convolve, deconvolve, featuresOf, initConvolve, initDeconvolve } from "../networks/convolution.ts";
import { dense, hiddenSizes, initDense, initPerceptron, perceptron } from "../networks/dense.ts";
import type { Random } from "../task.ts";

interface Sizes {
  readonly settings: Settings;
  readonly side: number;
  readonly classes: number;
  /** Dimensions of z. */
  readonly style: number;
}

export interface SemiNetworks extends Pick<Sizes, "classes" | "style"> {
  /** `mean`: logits of the mean image, the first bias of the pixels. */
  readonly init: (random: Random, mean: T) => Named;
  /** Logits of q(y | x). [B, pixels] → [B, K] */
  readonly classify: (parameters: Named, x: T) => T;
  /** Mean and log variance of q(z | x, y). [B, pixels], [S, B, K] → [S, B, 2Z] */
  readonly encode: (parameters: Named, x: T, y: T) => T;
  /** Logits of p(x | y, z) from y and z side by side. [..., K + Z] → [..., pixels] */
  readonly decode: (parameters: Named, code: T) => T;
}

function perceptrons({ settings, side, classes, style }: Sizes): SemiNetworks {
  const pixels = side ** 2;
  const hidden = hiddenSizes(String(settings["hidden"]));
  const classifier = [pixels, ...hiddenSizes(String(settings["classifier"])), classes];
  const encoder = [pixels + classes, ...hidden, 2 * style];
  const decoder = [classes + style, ...hidden.toReversed(), pixels];
  const run = (name: string, sizes: readonly number[], parameters: Named, x: T) =>
    perceptron(parameters, { name, layers: sizes.length - 1, activation: "relu" }, x);
  return {
    classes,
    style,
    init: (random, mean) => ({
      ...initPerceptron("classifier", classifier, random),
      ...initPerceptron("encoder", encoder, random),
      ...initPerceptron("decoder", decoder, random),
      [`decoder/${decoder.length - 2}/bias`]: mean,
    }),
    classify: (parameters, x) => run("classifier", classifier, parameters, x),
    encode(parameters, x, y) {
      const seen = tf.tile(tf.expandDims(x, 0), [y.shape[0], 1, 1]);
      return run("encoder", encoder, parameters, tf.concat([seen, y], -1));
    },
    decode: (parameters, code) => run("decoder", decoder, parameters, code),
  };
}

/**
 * q(y | x) and q(z | x, y) have one convolutional layer for each number of `channels`. p(x | y, z) has a dense layer
 * and as many transposed convolutions. y enters q(z | x, y) in the last layer, so that an image is convolved once for
 * all its classes.
 */
function convolutions({ settings, side, classes, style }: Sizes): SemiNetworks {
  const shape = { side, channels: hiddenSizes(String(settings["channels"])) };
  const features = featuresOf(shape);
  return {
    classes,
    style,
    init: (random, mean) => ({
      ...initConvolve("classifier", shape, random),
      ...initDense("classifier/out", features, classes, random),
      ...initConvolve("encoder", shape, random),
      ...initDense("encoder/image", features, 2 * style, random),
      ...initDense("encoder/class", classes, 2 * style, random),
      ...initDeconvolve("decoder", shape, classes + style, random),
      "decoder/0/bias": mean,
    }),
    classify: (parameters, x) =>
      dense(parameters, "classifier/out", convolve(parameters, "classifier", shape, x)),
    encode: (parameters, x, y) =>
      tf.add(
        dense(parameters, "encoder/image", convolve(parameters, "encoder", shape, x)),
        dense(parameters, "encoder/class", y),
      ),
    decode: (parameters, code) => deconvolve(parameters, "decoder", shape, code),
  };
}

export const semiNetworks = (sizes: Sizes): SemiNetworks =>
  sizes.settings["network"] === "conv" ? convolutions(sizes) : perceptrons(sizes);
