"""What the peers share: binary rows of the density of MNIST, and the sizes of the layers."""

import numpy as np


def binary_images(rows, seed):
    return (np.random.default_rng(seed).random((rows, 784)) < 0.13).astype(np.float32)


def perceptron_sizes():
    encoder = [784, 512, 256, 200]
    named = {}
    for name, sizes in (("encoder", encoder), ("decoder", encoder[::-1])):
        for i in range(3):
            named[f"{name}/{i}"] = (sizes[i], sizes[i + 1])
    return named


def belief_net_sizes():
    sizes = [392, 200, 200, 392]
    return {str(i): (sizes[i], sizes[i + 1]) for i in range(3)}
