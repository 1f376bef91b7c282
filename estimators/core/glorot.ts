import { tf } from "./autodiff.ts";
import type { T } from "../estimator.ts";

/**
 * Weights uniform in ±√(6/(inputs + outputs)) from uniforms in (0, 1) of the same shape (Glorot & Bengio 2010).
 */
export const glorotUniform = (uniform: T, inputs: number, outputs: number): T =>
  tf.mul(tf.sub(uniform, 0.5), 2 * Math.sqrt(6 / (inputs + outputs)));
