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
    authors: [
      "George Tucker",
      "Andriy Mnih",
      "Chris J. Maddison",
      "Dieterich Lawson",
      "Jascha Sohl-Dickstein",
    ],
    year: 2017,
    title: "REBAR: low-variance, unbiased gradient estimates for discrete latent variable models",
    link: "https://arxiv.org/abs/1703.07370",
  },
  gregor2013: {
    authors: ["Karol Gregor", "Ivo Danihelka", "Andriy Mnih", "Charles Blundell", "Daan Wierstra"],
    year: 2013,
    title: "Deep autoregressive networks",
    link: "https://arxiv.org/abs/1310.8499",
  },
  chung2016: {
    authors: ["Junyoung Chung", "Sungjin Ahn", "Yoshua Bengio"],
    year: 2016,
    title: "Hierarchical multiscale recurrent neural networks",
    link: "https://arxiv.org/abs/1609.01704",
  },
  grathwohl2017: {
    authors: ["Will Grathwohl", "Dami Choi", "Yuhuai Wu", "Geoffrey Roeder", "David Duvenaud"],
    year: 2017,
    title: "Backpropagation through the void: optimizing control variates for black-box gradient estimation",
    link: "https://arxiv.org/abs/1711.00123",
  },
  paulus2020: {
    authors: ["Max B. Paulus", "Chris J. Maddison", "Andreas Krause"],
    year: 2020,
    title: "Rao-Blackwellizing the straight-through Gumbel-softmax gradient estimator",
    link: "https://arxiv.org/abs/2010.04838",
  },
  fan2022: {
    authors: ["Ting-Han Fan", "Ta-Chung Chi", "Alexander I. Rudnicky", "Peter J. Ramadge"],
    year: 2022,
    title: "Training discrete deep generative models via gapped straight-through estimator",
    link: "https://arxiv.org/abs/2206.07235",
  },
  shekhovtsov2023: {
    authors: ["Alexander Shekhovtsov"],
    year: 2023,
    title: "Cold analysis of Rao-Blackwellized straight-through Gumbel-softmax gradient estimator",
    link: "https://proceedings.mlr.press/v202/shekhovtsov23a.html",
  },
  gu2015: {
    authors: ["Shixiang Gu", "Sergey Levine", "Ilya Sutskever", "Andriy Mnih"],
    year: 2015,
    title: "MuProp: unbiased backpropagation for stochastic neural networks",
    link: "https://arxiv.org/abs/1511.05176",
  },
  titsias2015: {
    authors: ["Michalis K. Titsias", "Miguel Lázaro-Gredilla"],
    year: 2015,
    title: "Local expectation gradients for black box variational inference",
    link: "https://arxiv.org/abs/1503.01494",
  },
  mnih2016: {
    authors: ["Andriy Mnih", "Danilo J. Rezende"],
    year: 2016,
    title: "Variational inference for Monte Carlo objectives",
    link: "https://arxiv.org/abs/1602.06725",
  },
  yin2018: {
    authors: ["Mingzhang Yin", "Mingyuan Zhou"],
    year: 2018,
    title: "ARM: Augment-REINFORCE-merge gradient for stochastic binary networks",
    link: "https://arxiv.org/abs/1807.11143",
  },
  yin2019: {
    authors: ["Mingzhang Yin", "Yuguang Yue", "Mingyuan Zhou"],
    year: 2019,
    title:
      "ARSM: Augment-REINFORCE-swap-merge estimator for gradient backpropagation through categorical variables",
    link: "https://arxiv.org/abs/1905.01413",
  },
  liu2019: {
    authors: ["Runjing Liu", "Jeffrey Regier", "Nilesh Tripuraneni", "Michael I. Jordan", "Jon McAuliffe"],
    year: 2019,
    title: "Rao-Blackwellized stochastic gradients for discrete distributions",
    link: "https://arxiv.org/abs/1810.04777",
  },
  dong2020: {
    authors: ["Zhe Dong", "Andriy Mnih", "George Tucker"],
    year: 2020,
    title: "DisARM: an antithetic gradient estimator for binary latent variables",
    link: "https://arxiv.org/abs/2006.10680",
  },
  dimitriev2021arms: {
    authors: ["Alek Dimitriev", "Mingyuan Zhou"],
    year: 2021,
    title: "ARMS: Antithetic-REINFORCE-multi-sample gradient for binary variables",
    link: "https://arxiv.org/abs/2105.14141",
  },
  dimitriev2021carms: {
    authors: ["Alek Dimitriev", "Mingyuan Zhou"],
    year: 2021,
    title: "CARMS: Categorical-antithetic-REINFORCE multi-sample gradient estimator",
    link: "https://arxiv.org/abs/2110.14002",
  },
  shi2022: {
    authors: ["Jiaxin Shi", "Yuhao Zhou", "Jessica Hwang", "Michalis K. Titsias", "Lester Mackey"],
    year: 2022,
    title: "Gradient estimation with discrete Stein operators",
    link: "https://arxiv.org/abs/2202.09497",
  },
  kunes2022: {
    authors: ["Russell Z. Kunes", "Mingzhang Yin", "Max Land", "Doron Haviv", "Dana Pe'er", "Simon Tavaré"],
    year: 2022,
    title: "Gradient estimation for binary latent variables via gradient variance clipping",
    link: "https://arxiv.org/abs/2208.06124",
  },
  shah2024: {
    authors: ["Rushi Shah", "Mingyuan Yan", "Michael C. Mozer", "Dianbo Liu"],
    year: 2024,
    title: "Improving discrete optimisation via decoupled straight-through estimator",
    link: "https://arxiv.org/abs/2410.13331",
  },
  wang2026: {
    authors: ["Daniel Wang", "Thang D. Bui"],
    year: 2026,
    title: "Beyond ReinMax: low-variance gradient estimators for discrete latent variables",
    link: "https://arxiv.org/abs/2603.08257",
  },
  niepert2021: {
    authors: ["Mathias Niepert", "Pasquale Minervini", "Luca Franceschi"],
    year: 2021,
    title: "Implicit MLE: backpropagating through discrete exponential family distributions",
    link: "https://arxiv.org/abs/2106.01798",
  },
  minervini2023: {
    authors: ["Pasquale Minervini", "Luca Franceschi", "Mathias Niepert"],
    year: 2023,
    title: "Adaptive perturbation-based gradient estimation for discrete latent variable models",
    link: "https://arxiv.org/abs/2209.04862",
  },
  berthet2020: {
    authors: [
      "Quentin Berthet",
      "Mathieu Blondel",
      "Olivier Teboul",
      "Marco Cuturi",
      "Jean-Philippe Vert",
      "Francis Bach",
    ],
    year: 2020,
    title: "Learning with differentiable perturbed optimizers",
    link: "https://arxiv.org/abs/2002.08676",
  },
  peng2018: {
    authors: ["Hao Peng", "Sam Thomson", "Noah A. Smith"],
    year: 2018,
    title: "Backpropagating through structured argmax using a SPIGOT",
    link: "https://arxiv.org/abs/1805.04658",
  },
} as const satisfies Record<string, Paper>;
