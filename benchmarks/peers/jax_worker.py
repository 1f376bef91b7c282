"""One step of training in JAX: `jax_worker.py STEP THREADS`. Protocol and programs as in worker.ts and workloads.ts."""

import os
import sys
import time

STEP, THREADS = sys.argv[1], int(sys.argv[2])
os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={'true' if THREADS > 1 else 'false'}"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

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


def bit_entropy(logits):
    return jax.nn.softplus(logits) - logits * jax.nn.sigmoid(logits)


def straight_through(x, soft):
    return soft + jax.lax.stop_gradient(x - soft)


def deep_vae_loss(p, x, key, _):
    """Straight-through on two linear layers of 200 bits; q(z1 | x) q(z2 | z1), p(z2) uniform, p(z1 | z2) p(x | z1)."""

    def bits(key, logits):
        u = uniform(key, logits.shape)
        z = (logits + jnp.log(u) - jnp.log1p(-u) > 0).astype(jnp.float32)
        return straight_through(z, jax.nn.sigmoid(logits))

    first, second = jax.random.split(key)
    q1 = dense(p, "up1", x - 0.13)
    z1 = bits(first, q1)
    q2 = dense(p, "up2", z1)
    z2 = bits(second, q2)
    cost = pixel_cost(dense(p, "down0", z1), x) + pixel_cost(dense(p, "down1", z2), z1)
    return jnp.mean(cost - jnp.sum(bit_entropy(q1), -1) - jnp.sum(bit_entropy(q2) - jnp.log(2.0), -1))


def convolution(p, name, x, up=False):
    f, sizes = p[f"{name}/filter"], ("NHWC", "HWIO", "NHWC")
    if up:
        return jax.lax.conv_transpose(x, f, (2, 2), "SAME", dimension_numbers=sizes, transpose_kernel=True)
    return jax.lax.conv_general_dilated(x, f, (2, 2), "SAME", dimension_numbers=sizes)


def vq_loss(p, x, key, _):
    """VQ-VAE: 7 x 7 points of 8 numbers, the nearest of 64 codes, and the derivative by a code passed to its point."""
    y = x.reshape(-1, 28, 28, 1)
    for i in range(2):
        y = jax.nn.relu(convolution(p, f"encoder/{i}", y) + p[f"encoder/{i}/bias"])
    points = dense(p, "point", y.reshape(-1, 49, 32))
    squares = jnp.sum((points[..., None, :] - p["codebook"]) ** 2, -1)
    z = jax.nn.one_hot(jnp.argmin(squares, -1), 64)
    codes = straight_through(z @ p["codebook"], points)
    y = dense(p, "code", codes).reshape(-1, 7, 7, 32)
    y = convolution(p, "decoder/1", jax.nn.relu(y), True) + p["decoder/1/bias"]
    y = convolution(p, "decoder/0", jax.nn.relu(y), True).reshape(-1, 784) + p["decoder/0/bias"]
    return jnp.mean(pixel_cost(y, x)) + 0.05 * jnp.sum(z * squares) / x.shape[0]


def vq_parameters(key):
    p = init(key, {"point": (32, 8), "code": (8, 32)})
    for i, (a, b) in enumerate([(1, 16), (16, 32)]):
        for net in ("encoder", "decoder"):
            key, sub = jax.random.split(key)
            p[f"{net}/{i}/filter"] = 0.1 * jax.random.normal(sub, (3, 3, a, b))
        p[f"encoder/{i}/bias"] = jnp.zeros(b)
    p |= {"decoder/1/bias": jnp.zeros(16), "decoder/0/bias": jnp.zeros(784)}
    return p | {"codebook": jax.random.normal(key, (64, 8))}


def listops_loss(p, batch, key, _):
    """Straight-through on trees of at most 16 tokens: a Tree-LSTM of 32 numbers, one merge of two neighbours a step."""
    words, labels = batch[:, :-10].reshape(-1, 16, 15), batch[:, -10:]
    present = jnp.sum(words, -1)
    h, c = jnp.split(dense(p, "leaf", words), 2, -1)
    for step in range(15):
        pairs = jnp.concatenate([h[:, :-1], h[:, 1:]], -1)
        i, left, right, u, o = jnp.split(dense(p, "compose", pairs), 5, -1)
        kept = c[:, :-1] * jax.nn.sigmoid(left + 1) + c[:, 1:] * jax.nn.sigmoid(right + 1)
        new_c = kept + jnp.tanh(u) * jax.nn.sigmoid(i)
        new_h = jax.nn.sigmoid(o) * jnp.tanh(new_c)
        choice = possible = present[:, step + 1 :]
        if step < 14:
            key, sub = jax.random.split(key)
            certain = possible.at[:, 0].set(1)
            logits = (new_h @ p["query"]) * possible - 50 * (1 - certain)
            x = jax.nn.one_hot(jnp.argmax(logits + gumbel(sub, logits.shape), -1), 15 - step)
            choice = straight_through(x, jax.nn.softmax(logits)) * possible[:, :1]
        until = jnp.cumsum(choice, -1)[..., None]
        chosen = choice[..., None]

        def after(old, new):
            return chosen * new + (1 - until) * old[:, :-1] + (until - chosen) * old[:, 1:]

        h, c = after(h, new_h), after(c, new_c)
    return -jnp.mean(jnp.sum(labels * jax.nn.log_softmax(dense(p, "answer", h[:, 0])), -1))


def listops_parameters(key):
    p = init(key, {"leaf": (15, 64), "compose": (64, 160), "answer": (32, 10)})
    return p | {"query": 0.1 * jax.random.normal(key, (32,))}


def expressions(rows, seed):
    """Tokens of 9 to 16 random words as one-hot rows, and one-hot labels beside them."""
    rng = np.random.default_rng(seed)
    words = np.eye(15, dtype=np.float32)[rng.integers(0, 15, (rows, 16))]
    words *= np.arange(16)[:, None] < rng.integers(9, 17, (rows, 1, 1))
    return np.concatenate([words.reshape(rows, -1), np.eye(10, dtype=np.float32)[rng.integers(0, 10, rows)]], 1)


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


def trainer(loss, update, p, temperature, rows=ROWS, data=binary_images):
    zeros = jax.tree.map(jnp.zeros_like, p)
    state = (p, zeros, jax.tree.map(jnp.zeros_like, p), jnp.float32(0))
    batches = [jnp.asarray(data(rows, k)) for k in range(4)]

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
    first = jax.random.PRNGKey(0)
    if STEP == "evaluation":
        run = evaluator()
    elif STEP == "belief net":
        run = trainer(net_loss, sgd, init(first, belief_net_sizes()), 0.7)
    elif STEP == "deep-bern":
        sizes = {"up1": (784, 200), "up2": (200, 200), "down0": (200, 784), "down1": (200, 200)}
        run = trainer(deep_vae_loss, adam, init(first, sizes), 1.0)
    elif STEP == "vq":
        run = trainer(vq_loss, adam, vq_parameters(first), 1.0, 32)
    elif STEP == "listops":
        run = trainer(listops_loss, adam, listops_parameters(first), 1.0, 64, expressions)
    else:
        run = trainer(vae_loss, adam, init(first, perceptron_sizes()), 1.0)
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
