"""
Gumbel-Softmax on the categorical VAE as a complete program in JAX: `jax_end_to_end.py CONFIGURATION`, a JSON object that
end-to-end.ts writes. Trains, then prints for each seed the ELBO of the test images and the m-sample bound of some of them.

The training images stay on the device; one compiled loop makes all steps, with the state donated. The m samples of the
bound are drawn in chunks that stay in the cache.
"""

import json
import os
import sys
import time

CONFIGURATION = json.loads(sys.argv[1])
os.environ["JAX_PLATFORMS"] = CONFIGURATION["device"]

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from data import epochs, layer_sizes, mean_logits, mnist, temperatures  # noqa: E402

jax.config.update("jax_default_prng_impl", CONFIGURATION.get("generator", "rbg"))

STEPS, SEEDS, ROWS = CONFIGURATION["steps"], CONFIGURATION["seeds"], CONFIGURATION["batch"]
N, K = CONFIGURATION["variables"], CONFIGURATION["categories"]
SIZES = layer_sizes(CONFIGURATION["hidden"], N * K)
LAYERS = len(SIZES) - 1
BOUND_SAMPLES = 1000


def perceptron(p, name, x):
    for i in range(LAYERS):
        x = x @ p[f"{name}/{i}/weights"] + p[f"{name}/{i}/bias"]
        if i < LAYERS - 1:
            x = jax.nn.relu(x)
    return x


def encode(p, x):
    return perceptron(p, "encoder", x).reshape(*x.shape[:-1], N, K)


def pixel_cost(p, z, x):
    logits = perceptron(p, "decoder", z.reshape(*z.shape[:-2], N * K))
    return jnp.sum(jax.nn.softplus(logits) - x * logits, -1)


def divergence(log_q):
    return jnp.sum(jnp.exp(log_q) * (log_q + np.log(K)), (-2, -1))


def pixels(x):
    return x.astype(jnp.float32) / 255


def initial(key, bias):
    p = {}
    for name, sizes in (("encoder", SIZES), ("decoder", SIZES[::-1])):
        for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
            key, sub = jax.random.split(key)
            limit = (6 / (a + b)) ** 0.5
            p[f"{name}/{i}/weights"] = jax.random.uniform(sub, (a, b), minval=-limit, maxval=limit)
            p[f"{name}/{i}/bias"] = jnp.zeros(b)
    p[f"decoder/{LAYERS - 1}/bias"] = jnp.asarray(bias)
    return p


def updated(p, slots, g, t):
    rate = CONFIGURATION["learning-rate"] * CONFIGURATION["decay"] ** (t // CONFIGURATION["decay-every"])
    if CONFIGURATION["optimiser"] == "sgd":
        m = jax.tree.map(lambda m, g: CONFIGURATION["momentum"] * m + g, slots["m"], g)
        return jax.tree.map(lambda p, m: p - rate * m, p, m), {"m": m}
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, slots["m"], g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, slots["v"], g)
    a, b = 1 / (1 - 0.9 ** (t + 1)), 1 / (1 - 0.999 ** (t + 1))
    p = jax.tree.map(lambda p, m, v: p - rate * (m * a) / (jnp.sqrt(v * b) + 1e-8), p, m, v)
    return p, {"m": m, "v": v}


def train(state, images, order, temperature, key):
    def loss(p, x, key, temperature):
        logits = encode(p, x)
        z = jax.nn.softmax((logits + jax.random.gumbel(key, logits.shape)) / temperature)
        return jnp.mean(pixel_cost(p, z, x) + divergence(jax.nn.log_softmax(logits)))

    def step(state, given):
        t, rows, temperature = given
        x = pixels(images[rows])
        g = jax.grad(loss)(state[0], x, jax.random.fold_in(key, t), temperature)
        return updated(*state, g, t), None

    state, _ = jax.lax.scan(step, state, (jnp.arange(STEPS, dtype=jnp.float32), order, temperature))
    return state


def hard(log_q, key, shape):
    return jax.nn.one_hot(jnp.argmax(log_q + jax.random.gumbel(key, shape), -1), K)


def elbo(p, images, key):
    x = pixels(images)
    log_q = jax.nn.log_softmax(encode(p, x))
    return -jnp.mean(pixel_cost(p, hard(log_q, key, log_q.shape), x) + divergence(log_q))


def bound(p, images, key):
    rows, samples = CONFIGURATION.get("chunk", [10, 25])

    def of_rows(given):
        x, key = given
        x = pixels(x)
        log_q = jax.nn.log_softmax(encode(p, x))

        def weights(key):
            z = hard(log_q, key, (samples, *log_q.shape))
            return -pixel_cost(p, z, x) - jnp.sum(z * (log_q + np.log(K)), (-2, -1))

        log_w = jax.lax.map(weights, jax.random.split(key, BOUND_SAMPLES // samples))
        return jax.nn.logsumexp(log_w.reshape(-1, rows), 0) - np.log(BOUND_SAMPLES)

    chunks = images.reshape(-1, rows, 784)
    return jnp.mean(jax.lax.map(of_rows, (chunks, jax.random.split(key, len(chunks)))))


def main():
    try:
        jax.devices()
    except Exception:
        sys.exit(f"JAX finds no device {CONFIGURATION['device']} on this machine.")
    train_images, test_images = mnist(CONFIGURATION["data"], CONFIGURATION["binarisation"])
    bias = mean_logits(train_images)
    images, test = jnp.asarray(train_images), jnp.asarray(test_images)
    rows = np.array(CONFIGURATION["boundRows"])
    temperature = jnp.asarray(temperatures(CONFIGURATION["temperature"], STEPS))
    begin = jax.jit(initial)
    run, test_elbo, test_bound = jax.jit(train, donate_argnums=0), jax.jit(elbo), jax.jit(bound)
    compiled = None
    for seed in range(SEEDS):
        keys = jax.random.split(jax.random.key(seed), 4)
        p = begin(keys[0], bias)
        names = ["m"] if CONFIGURATION["optimiser"] == "sgd" else ["m", "v"]
        slots = {name: jax.tree.map(jnp.zeros_like, p) for name in names}
        order = jnp.asarray(epochs(seed, STEPS, ROWS, len(train_images)))
        given = ((p, slots), images, order, temperature, keys[1])
        compiled = compiled or run.lower(*given).compile()
        begun = time.perf_counter()
        p, _ = jax.block_until_ready(compiled(*given))
        found = {
            "seed": seed,
            "milliseconds": 1e3 * (time.perf_counter() - begun) / STEPS,
            "elbo": float(test_elbo(p, test, keys[2])),
            "bound": float(test_bound(p, test[rows], keys[3])),
        }
        print(json.dumps(found), flush=True)


main()
