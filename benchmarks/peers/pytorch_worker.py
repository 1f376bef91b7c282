"""One step of training in PyTorch, eagerly: `pytorch_worker.py STEP THREADS`. Programs as in jax_worker.py."""

import math
import sys
import time

import torch
import torch.nn.functional as F

from data import binary_images, belief_net_sizes, perceptron_sizes

STEP, THREADS = sys.argv[1], int(sys.argv[2])
ROWS = 100
torch.set_num_threads(THREADS)


def layers(shapes):
    p = {}
    for name, (a, b) in shapes.items():
        limit = (6 / (a + b)) ** 0.5
        p[f"{name}/weights"] = torch.empty(a, b).uniform_(-limit, limit).requires_grad_()
        p[f"{name}/bias"] = torch.zeros(b, requires_grad=True)
    return p


def dense(p, name, x):
    return torch.addmm(p[f"{name}/bias"], x, p[f"{name}/weights"])


def perceptron(p, name, count, x):
    for i in range(count):
        x = dense(p, f"{name}/{i}", x)
        if i < count - 1:
            x = F.relu(x)
    return x


def pixel_cost(logits, x):
    return (F.softplus(logits) - x * logits).sum(-1)


def uniform(shape):
    return torch.rand(shape).clamp_(1e-7, 1 - 1e-7)


def gumbel(shape):
    return -torch.log(-torch.log(uniform(shape)))


def vae_loss(p, x):
    logits = perceptron(p, "encoder", 3, x).view(-1, 20, 10)
    log_q = F.log_softmax(logits, -1)
    kl = (log_q.exp() * (log_q + math.log(10))).sum((1, 2))
    z = F.softmax(logits + gumbel(logits.shape), -1)
    return (pixel_cost(perceptron(p, "decoder", 3, z.view(-1, 200)), x) + kl).mean()


def net_loss(p, x):
    upper, lower = x[:, :392], x[:, 392:]
    for i in range(2):
        logits = dense(p, str(i), upper)
        u = uniform(logits.shape)
        upper = torch.sigmoid((logits + torch.log(u) - torch.log1p(-u)) / 0.7)
    return pixel_cost(dense(p, "2", upper), lower).mean()


def trainer(loss, shapes, make):
    p = layers(shapes)
    optimiser = make(list(p.values()))
    batches = [torch.from_numpy(binary_images(ROWS, k)) for k in range(4)]

    def run(t):
        optimiser.zero_grad(set_to_none=True)
        loss(p, batches[t % 4]).backward()
        optimiser.step()

    return run


@torch.no_grad()
def bound(p, x):
    log_q = F.log_softmax(perceptron(p, "encoder", 3, x).view(-1, 20, 10), -1)
    z = F.one_hot((log_q + gumbel((1000, 10, 20, 10))).argmax(-1), 10).float()
    out = perceptron(p, "decoder", 3, z.view(10000, 200)).view(1000, 10, 784)
    weight = -pixel_cost(out, x) - (z * (log_q + math.log(10))).sum((2, 3))
    return torch.logsumexp(weight, 0) - math.log(1000)


def main():
    if STEP == "evaluation":
        p, x = layers(perceptron_sizes()), torch.from_numpy(binary_images(10, 0))
        run = lambda t: bound(p, x)  # noqa: E731
    elif STEP == "belief net":
        run = trainer(net_loss, belief_net_sizes(), lambda p: torch.optim.SGD(p, 1e-3, momentum=0.9))
    else:
        run = trainer(vae_loss, perceptron_sizes(), lambda p: torch.optim.Adam(p, 1e-3))
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
