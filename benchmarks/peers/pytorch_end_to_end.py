"""
The same program as jax_end_to_end.py in PyTorch: eager, or with torch.compile where the configuration says `"compile": true`.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F

from data import epochs, layer_sizes, mean_logits, mnist, temperatures

CONFIGURATION = json.loads(sys.argv[1])
STEPS, SEEDS, ROWS = CONFIGURATION["steps"], CONFIGURATION["seeds"], CONFIGURATION["batch"]
N, K = CONFIGURATION["variables"], CONFIGURATION["categories"]
DEVICE = torch.device(CONFIGURATION["device"])
BOUND_SAMPLES = 1000
# Steps that are not timed, in which torch.compile compiles.
WARM = 20


def synchronise():
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


def pixels(x):
    return x.to(torch.float32).div_(255)


def perceptron(sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layer = torch.nn.Linear(a, b)
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def divergence(log_q):
    return (log_q.exp() * (log_q + math.log(K))).sum((-2, -1))


class Vae(torch.nn.Module):
    def __init__(self, bias):
        super().__init__()
        sizes = layer_sizes(CONFIGURATION["hidden"], N * K)
        self.encoder, self.decoder = perceptron(sizes), perceptron(sizes[::-1])
        self.decoder[-1].bias.data.copy_(bias)

    def encode(self, x):
        return self.encoder(x).unflatten(-1, (N, K))

    def pixel_cost(self, z, x):
        logits = self.decoder(z.flatten(-2))
        return (F.softplus(logits) - x * logits).sum(-1)

    def forward(self, x, temperature):
        logits = self.encode(x)
        noise = torch.empty_like(logits).exponential_().log_()
        z = F.softmax((logits - noise) / temperature, -1)
        return (self.pixel_cost(z, x) + divergence(F.log_softmax(logits, -1))).mean()


def optimiser_of(model):
    rate = CONFIGURATION["learning-rate"]
    if CONFIGURATION["optimiser"] == "sgd":
        return torch.optim.SGD(model.parameters(), rate, momentum=CONFIGURATION["momentum"], fused=True)
    return torch.optim.Adam(model.parameters(), rate, fused=True)


def train(model, images, order, temperature):
    """Returns the milliseconds of a step."""
    optimiser = optimiser_of(model)
    decay = torch.optim.lr_scheduler.StepLR(optimiser, CONFIGURATION["decay-every"], CONFIGURATION["decay"])
    step = torch.compile(model) if CONFIGURATION.get("compile") else model
    begun = time.perf_counter()
    for t in range(STEPS):
        if t == WARM:
            synchronise()
            begun = time.perf_counter()
        loss = step(pixels(images[order[t]]), temperature[t])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        decay.step()
    synchronise()
    return 1e3 * (time.perf_counter() - begun) / max(1, STEPS - WARM)


def hard(log_q, shape):
    return F.one_hot((log_q - torch.empty(shape, device=DEVICE).exponential_().log_()).argmax(-1), K).float()


@torch.inference_mode()
def elbo(model, images):
    x = pixels(images)
    log_q = F.log_softmax(model.encode(x), -1)
    return -(model.pixel_cost(hard(log_q, log_q.shape), x) + divergence(log_q)).mean().item()


@torch.inference_mode()
def bound(model, images):
    rows, samples = CONFIGURATION.get("chunk", [10, 25])
    total = 0.0
    for at in range(0, len(images), rows):
        x = pixels(images[at : at + rows])
        log_q = F.log_softmax(model.encode(x), -1)
        weights = []
        for _ in range(BOUND_SAMPLES // samples):
            z = hard(log_q, (samples, *log_q.shape))
            weights.append(-model.pixel_cost(z, x) - (z * (log_q + math.log(K))).sum((-2, -1)))
        total += (torch.logsumexp(torch.cat(weights), 0) - math.log(BOUND_SAMPLES)).sum().item()
    return total / len(images)


def main():
    if DEVICE.type == "cuda" and not torch.cuda.is_available():
        sys.exit("PyTorch finds no device cuda on this machine.")
    train_images, test_images = mnist(CONFIGURATION["data"], CONFIGURATION["binarisation"])
    bias = torch.from_numpy(mean_logits(train_images))
    images, test = (torch.from_numpy(x).to(DEVICE) for x in (train_images, test_images))
    temperature = torch.from_numpy(temperatures(CONFIGURATION["temperature"], STEPS)).to(DEVICE)
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        model = Vae(bias).to(DEVICE)
        order = torch.from_numpy(epochs(seed, STEPS, ROWS, len(train_images))).to(DEVICE)
        milliseconds = train(model, images, order, temperature)
        rows = test[CONFIGURATION["boundRows"]]
        found = {"seed": seed, "milliseconds": milliseconds, "elbo": elbo(model, test), "bound": bound(model, rows)}
        print(json.dumps(found), flush=True)


main()
