"""Estimators written by hand in NumPy, right ones and wrong ones."""

from itertools import product

import numpy as np


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def mean(vector):
    """E z of the logits, [B, ...]."""
    logits = vector.arrays["logits"].astype(float)
    return sigmoid(logits) if vector.family == "bernoulli" else softmax(logits)


def perturbed(vector):
    """phi + G, [S, B, ...]."""
    u = vector.noise["z"].astype(float)
    noise = np.log(u) - np.log1p(-u) if vector.family == "bernoulli" else -np.log(-np.log(u))
    return vector.arrays["logits"] + noise


def harden(vector, x):
    if vector.family == "bernoulli":
        return (x > 0).astype(float)
    return np.eye(x.shape[-1])[x.argmax(-1)]


def soften(vector, x, temperature):
    return sigmoid(x / temperature) if vector.family == "bernoulli" else softmax(x / temperature)


def jacobian(vector, y, v):
    """v times the Jacobian of the sigmoid or softmax whose value is y."""
    if vector.family == "bernoulli":
        return y * (1 - y) * v
    return y * (v - (y * v).sum(-1, keepdims=True))


def through(vector, z, y, temperature):
    """The derivative of the cost at z, passed back through the relaxation whose value is y."""
    return (jacobian(vector, y, vector.cost.derivative(z)) / temperature).mean(0)


def exact(vector):
    """The sum over all outcomes of cost times the gradient of their probability."""
    p = mean(vector)
    variables = p.shape[1]
    outcomes = (0.0, 1.0) if vector.family == "bernoulli" else np.eye(p.shape[2])
    total = np.zeros_like(p)
    for outcome in product(outcomes, repeat=variables):
        z = np.broadcast_to(np.stack(outcome), p.shape)
        chosen = np.where(z == 1, p, 1 - p) if vector.family == "bernoulli" else (z * p).sum(-1)
        weight = chosen.prod(1) * vector.cost(z[None])[0]
        total += weight.reshape(-1, *[1] * (p.ndim - 1)) * (z - p)
    return total


def weighted_scores(vector, signal):
    """The mean over samples of signal [S, B] times the score z - E z."""
    z = harden(vector, perturbed(vector))
    score = z - mean(vector)
    return (signal(vector.cost(z)).reshape(*score.shape[:2], *[1] * (score.ndim - 2)) * score).mean(0)


def reinforce(vector):
    """Minus the moving average of past costs, which the state holds."""
    baseline = vector.state["baseline"] / np.maximum(vector.state["weight"], 1e-12)
    return weighted_scores(vector, lambda cost: cost - baseline)


def rloo(vector):
    return weighted_scores(vector, lambda cost: cost - (cost.sum(0) - cost) / (len(cost) - 1))


def gs(vector):
    temperature = vector.options["temperature"]
    y = soften(vector, perturbed(vector), temperature)
    return through(vector, y, y, temperature)


def st_gs(vector):
    x, temperature = perturbed(vector), vector.options["temperature"]
    return through(vector, harden(vector, x), soften(vector, x, temperature), temperature)


def st(vector):
    temperature = vector.options["temperature"]
    p = soften(vector, vector.arrays["logits"].astype(float), temperature)
    return through(vector, harden(vector, perturbed(vector)), p, temperature)


right = {"exact": exact, "reinforce": reinforce, "rloo": rloo, "gs": gs, "st-gs": st_gs, "st": st}


def negative_noise(vector):
    """The noise with the wrong sign."""
    temperature = vector.options["temperature"]
    y = soften(vector, 2 * vector.arrays["logits"] - perturbed(vector), temperature)
    return through(vector, y, y, temperature)


def noise_apart(vector):
    """The temperature divides the logits and not the noise."""
    temperature = vector.options["temperature"]
    logits = vector.arrays["logits"]
    y = soften(vector, perturbed(vector) - logits + logits / temperature, 1)
    return through(vector, y, y, temperature)


def scale_forgotten(vector):
    """The gradient lacks 1/temperature."""
    return gs(vector) * vector.options["temperature"]


def soft_cost(vector):
    """Straight-through whose cost sees the soft sample."""
    return gs(vector)


def detach_forgotten(vector):
    """hard + soft - soft, without detach: no gradient."""
    return np.zeros_like(vector.arrays["logits"])


def own_cost_in_baseline(vector):
    """The mean over all samples as baseline, which shrinks the gradient by 1 - 1/S."""
    return weighted_scores(vector, lambda cost: cost - cost.mean(0))


def no_baseline(vector):
    return weighted_scores(vector, lambda cost: cost)


wrong = (
    ("gs", negative_noise),
    ("gs", noise_apart),
    ("gs", scale_forgotten),
    ("st-gs", soft_cost),
    ("st-gs", detach_forgotten),
    ("rloo", own_cost_in_baseline),
    ("reinforce", no_baseline),
)
