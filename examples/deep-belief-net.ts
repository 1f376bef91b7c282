import type { Toolkit } from "estimator-bench";

/**
 * A deep sigmoid belief net of images, p(z2) p(z1 | z2) p(x | z1), with q(z1 | x) q(z2 | z1). The prior of z1 depends on z2,
 * which is sampled later; the likelihood is a term of z1 alone.
 */
export default (toolkit: Toolkit) => {
  const { tf, families, task, count, dense, initDense, bernoulliCost } = toolkit;
  const { imageOptions, openImages, imageTask, binarised, meanLogits, pixelRows } = toolkit;
  const sitesOf = (units: number) => [
    { name: "z1", family: families.bernoulli, shape: [units] },
    { name: "z2", family: families.bernoulli, shape: [units] },
  ];
  return task({
    name: "deep-belief-net",
    title: "A belief net of two layers",
    version: 1,
    doc: "A sigmoid belief net of binarised images with two layers of bits and linear maps between them.",
    options: {
      ...{ units: count(50, "bits of each layer"), ...imageOptions },
      side: { ...imageOptions.side, default: "14" },
      optimiser: { ...imageOptions.optimiser, default: "adam" },
    },
    steps: 10_000,
    sites: ({ units }) => sitesOf(Number(units)),
    async create(options, source) {
      const all = await openImages(options, source);
      const units = Number(options["units"]);
      return {
        ...imageTask(options, all),
        ...{ name: "deep-belief-net", sites: sitesOf(units), features: all.pixels },
        init: (random) => ({
          ...initDense("q1", all.pixels, units, random),
          ...initDense("q2", units, units, random),
          ...initDense("p1", units, units, random),
          ...initDense("px", units, all.pixels, random),
          "px/bias": tf.tensor1d(meanLogits(all)),
        }),
        model(parameters, batch, random) {
          const x = binarised(all, batch["features"]!, random, "");
          const q1 = dense(parameters, "q1", x); // [rows, units]
          return {
            program({ sample, prior }) {
              const z1 = sample("z1", q1); // [samples, rows, units]
              const z2 = sample("z2", dense(parameters, "q2", z1), tf.zeros([1, units]));
              prior("z1", dense(parameters, "p1", z2));
              return [{ cost: bernoulliCost(dense(parameters, "px", z1), x), sites: ["z1"] }];
            },
          };
        },
        gather: (split, rows, into) => ({ features: pixelRows(all, split, rows, into?.["features"]) }),
      };
    },
  });
};
