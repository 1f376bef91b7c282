/** The bibliography: citation key → where it can be read. */
export interface Paper {
  readonly authors: readonly string[];
  readonly year: number;
  readonly title: string;
  readonly link: string;
}

export const papers = {
  williams1992: {
    authors: ["Ronald J. Williams"],
    year: 1992,
    title: "Simple statistical gradient-following algorithms for connectionist reinforcement learning",
    link: "https://doi.org/10.1007/BF00992696",
  },
  bengio2013: {
    authors: ["Yoshua Bengio", "Nicholas Léonard", "Aaron Courville"],
    year: 2013,
    title: "Estimating or propagating gradients through stochastic neurons for conditional computation",
    link: "https://arxiv.org/abs/1308.3432",
  },
  mnih2014: {
    authors: ["Andriy Mnih", "Karol Gregor"],
    year: 2014,
    title: "Neural variational inference and learning in belief networks",
    link: "https://arxiv.org/abs/1402.0030",
  },
  jang2016: {
    authors: ["Eric Jang", "Shixiang Gu", "Ben Poole"],
    year: 2016,
    title: "Categorical reparameterization with Gumbel-Softmax",
    link: "https://arxiv.org/abs/1611.01144",
  },
  maddison2016: {
    authors: ["Chris J. Maddison", "Andriy Mnih", "Yee Whye Teh"],
    year: 2016,
    title: "The Concrete distribution: a continuous relaxation of discrete random variables",
    link: "https://arxiv.org/abs/1611.00712",
  },
  kool2019: {
    authors: ["Wouter Kool", "Herke van Hoof", "Max Welling"],
    year: 2019,
    title: "Buy 4 REINFORCE samples, get a baseline for free!",
    link: "https://openreview.net/forum?id=r1lgTGL5DE",
  },
  kool2020: {
    authors: ["Wouter Kool", "Herke van Hoof", "Max Welling"],
    year: 2020,
    title: "Estimating gradients for discrete random variables by sampling without replacement",
    link: "https://arxiv.org/abs/2002.06043",
  },
  liu2023: {
    authors: ["Liyuan Liu", "Chengyu Dong", "Xiaodong Liu", "Bin Yu", "Jianfeng Gao"],
    year: 2023,
    title: "Bridging discrete and backpropagation: straight-through and beyond",
    link: "https://arxiv.org/abs/2304.08612",
  },
  titsias2022: {
    authors: ["Michalis K. Titsias", "Jiaxin Shi"],
    year: 2022,
    title: "Double control variates for gradient estimation in discrete latent variable models",
    link: "https://arxiv.org/abs/2111.05300",
  },
  tucker2017: {
    authors: ["George Tucker", "Andriy Mnih", "Chris J. Maddison", "Dieterich Lawson", "Jascha Sohl-Dickstein"],
    year: 2017,
    title: "REBAR: low-variance, unbiased gradient estimates for discrete latent variable models",
    link: "https://arxiv.org/abs/1703.07370",
  },
} as const satisfies Record<string, Paper>;
