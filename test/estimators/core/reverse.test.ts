import type { Tensor } from "@tensorflow/tfjs";
import test from "ava";
import { gradients, lastGradients, onTape, tf } from "../../../estimators/core/autodiff.ts";

const values = (x: Tensor): number[] => [...x.dataSync()];
const onOpenTape = <X>(f: () => X): void => tf.tidy(() => void onTape(f));

/** Nodes that f adds to the tape. */
function recordedBy(f: () => unknown): number {
  const { state } = tf.engine() as unknown as { state: { activeTape: unknown[] } };
  const before = state.activeTape.length;
  f();
  return state.activeTape.length - before;
}

test("lastGradients are the gradients bit for bit, and record nothing", (t) => {
  onOpenTape(() => {
    const [x, other] = [tf.tensor2d([[0.1, 0.2, 0.7]]), tf.tensor1d([3])];
    const y = tf.sum(tf.mul(tf.softmax(x), tf.exp(tf.mul(x, x))));
    let last: Tensor[] = [];
    let known: Tensor[] = [];
    t.is(
      recordedBy(() => (last = lastGradients(y, [x]))),
      0,
    );
    t.true(recordedBy(() => (known = gradients(y, [x]))) > 10);
    t.deepEqual(last.map(values), known.map(values));
    t.true(values(last[0]!).every((g) => g !== 0));
    t.deepEqual(values(lastGradients(y, [x, other])[1]!), [0]);
  });
});

test("a gradient written by hand may take gradients of its own, first or last", (t) => {
  onOpenTape(() => {
    const x = tf.tensor1d([2, 3]);
    const cube = tf.customGrad((given) => ({
      value: tf.pow(given as Tensor, 3),
      gradFunc: (dy) => tf.mul(dy, gradients(tf.sum(tf.pow(given as Tensor, 3)), [given as Tensor])[0]!),
    }));
    for (const take of [gradients, lastGradients]) {
      const [g] = take(tf.sum(cube(x)), [x]);
      t.deepEqual(values(g!).map(Math.round), [12, 27]);
    }
  });
});

test("a tape whose derivative throws inside lastGradients records what comes after", (t) => {
  onOpenTape(() => {
    const x = tf.tensor1d([2, 3]);
    t.throws(() => lastGradients(tf.topk(x, 1).values, [x]));
    t.deepEqual(values(gradients(tf.square(x), [x])[0]!), [4, 6]);
  });
});

test("a derivative of a wrong shape or type, or none, is refused by the name of its operation", (t) => {
  const derivativeOf = (f: (x: Tensor) => Tensor) => () => {
    onOpenTape(() => {
      const x = tf.tensor1d([2, 3]);
      return gradients(f(x), [x]);
    });
  };
  const by = (gradFunc: (dy: Tensor) => Tensor) =>
    derivativeOf(tf.customGrad((x) => ({ value: tf.square(x as Tensor), gradFunc })));
  for (const [wrong, message] of [
    [
      by((dy) => tf.sum(dy)),
      /^The derivative of .* by its input 0 must be float32 \[2\], got float32 \[\]\.$/,
    ],
    [by((dy) => tf.cast(dy, "int32")), /must be float32 \[2\], got int32 \[2\]\.$/],
    [derivativeOf((x) => tf.topk(x, 1).values), /^TopK lies between x and y and has no derivative\.$/],
  ] as const)
    t.throws(wrong, { message });
});
