"""One step of training in JAX: `jax_worker.py STEP THREADS`. Protocol and programs as in worker.ts and workloads.ts."""

import os
import sys
import time

STEP, THREADS = sys.argv[1], int(sys.argv[2])
os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={'true' if THREADS > 1 else 'false'}"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

from data import binary_images, belief_net_sizes, perceptron_sizes  # noqa: E402

ROWS = 100


def dense(p, name, x):
    return x @ p[f"{name}/weights"] + p[f"{name}/bias"]


def perceptron(p, name, layers, x):
    for i in range(layers):
        x = dense(p, f"{name}/{i}", x)
        if i < layers - 1:
            x = jax.nn.relu(x)
    return x


def init(key, shapes):
    p = {}
    for name, (a, b) in shapes.items():
        key, sub = jax.random.split(key)
        limit = (6 / (a + b)) ** 0.5
        p[f"{name}/weights"] = jax.random.uniform(sub, (a, b), minval=-limit, maxval=limit)
        p[f"{name}/bias"] = jnp.zeros(b)
    return p


def pixel_cost(logits, x):
    return jnp.sum(jax.nn.softplus(logits) - x * logits, -1)


def uniform(key, shape):
    return jax.random.uniform(key, shape, minval=1e-7, maxval=1 - 1e-7)


def gumbel(key, shape):
    return -jnp.log(-jnp.log(uniform(key, shape)))


def vae_loss(p, x, key, temperature):
    logits = perceptron(p, "encoder", 3, x).reshape(-1, 20, 10)
    log_q = jax.nn.log_softmax(logits)
    kl = jnp.sum(jnp.exp(log_q) * (log_q + jnp.log(10.0)), (1, 2))
    z = jax.nn.softmax((logits + gumbel(key, logits.shape)) / temperature)
    out = perceptron(p, "decoder", 3, z.reshape(-1, 200))
    return jnp.mean(pixel_cost(out, x) + kl)


def net_loss(p, x, key, temperature):
    upper, lower = x[:, :392], x[:, 392:]
    for i in range(2):
        key, sub = jax.random.split(key)
        logits = dense(p, str(i), upper)
        u = uniform(sub, logits.shape)
        upper = jax.nn.sigmoid((logits + jnp.log(u) - jnp.log1p(-u)) / temperature)
    return jnp.mean(pixel_cost(dense(p, "2", upper), lower))


def adam(state, g, rate):
    p, m, v, t = state
    t = t + 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
    a, b = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)
    p = jax.tree.map(lambda p, m, v: p - rate * (m * a) / (jnp.sqrt(v * b) + 1e-8), p, m, v)
    return p, m, v, t


def sgd(state, g, rate):
    p, m, v, t = state
    m = jax.tree.map(lambda m, g: 0.9 * m + g, m, g)
    return jax.tree.map(lambda p, m: p - rate * m, p, m), m, v, t


def trainer(loss, update, shapes, temperature):
    p = init(jax.random.PRNGKey(0), shapes)
    zeros = jax.tree.map(jnp.zeros_like, p)
    state = (p, zeros, jax.tree.map(jnp.zeros_like, p), jnp.float32(0))
    batches = [jnp.asarray(binary_images(ROWS, k)) for k in range(4)]

    @jax.jit
    def keys(t):
        return jax.random.fold_in(jax.random.PRNGKey(1), t)

    def one(state, x, t, rate):
        key = jax.random.fold_in(jax.random.PRNGKey(1), t)
        g = jax.grad(loss)(state[0], x, key, temperature)
        return update(state, g, rate)

    step = jax.jit(one, donate_argnums=0)

    def run(t):
        nonlocal state
        state = step(state, batches[t % 4], t, 1e-3)
        jax.block_until_ready(state)

    return run


def evaluator():
    p = init(jax.random.PRNGKey(0), perceptron_sizes())
    x = jnp.asarray(binary_images(10, 0))

    @jax.jit
    def bound(p, x, key):
        log_q = jax.nn.log_softmax(perceptron(p, "encoder", 3, x).reshape(-1, 20, 10))
        noise = gumbel(key, (1000, 10, 20, 10))
        z = jax.nn.one_hot(jnp.argmax(log_q + noise, -1), 10)
        out = perceptron(p, "decoder", 3, z.reshape(1000, 10, 200))
        weight = -pixel_cost(out, x) - jnp.sum(z * (log_q + jnp.log(10.0)), (2, 3))
        return jax.nn.logsumexp(weight, 0) - jnp.log(1000.0)

    return lambda t: jax.block_until_ready(bound(p, x, jax.random.PRNGKey(t)))


def main():
    if STEP == "evaluation":
        run = evaluator()
    elif STEP == "belief net":
        run = trainer(net_loss, sgd, belief_net_sizes(), 0.7)
    else:
        run = trainer(vae_loss, adam, perceptron_sizes(), 1.0)
    started = time.perf_counter()
    run(0)
    print(f"ready {(time.perf_counter() - started) * 1e3:.0f}", flush=True)
    t = 1
    for line in sys.stdin:
        n = int(line)
        begun, busy = time.perf_counter(), time.process_time()
        for _ in range(n):
            run(t)
            t += 1
        wall, used = time.perf_counter() - begun, time.process_time() - busy
        print(f"{wall / n * 1e3:.4f} {used / n * 1e3:.4f}", flush=True)


main()
