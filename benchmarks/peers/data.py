"""What the peers share: images, and the sizes of the layers."""

import os
import struct

import numpy as np


def binary_images(rows, seed):
    return (np.random.default_rng(seed).random((rows, 784)) < 0.13).astype(np.float32)


def mnist(folder, binarisation):
    """MNIST as bytes, 50,000 training images and the 10,000 of the test set: grey, or drawn once as 0 and 255."""
    rng = np.random.default_rng(0)

    def images(name):
        path = os.path.join(folder, f"{name}-images-idx3-ubyte")
        with open(path, "rb") as file:
            _, rows, height, width = struct.unpack(">4I", file.read(16))
            grey = np.frombuffer(file.read(), np.uint8).reshape(rows, height * width)[:50000]
        if binarisation == "grey":
            return grey
        return np.where(rng.random(grey.shape, np.float32) * 255 < grey, np.uint8(255), np.uint8(0))

    return images("train"), images("t10k")


def epochs(seed, steps, rows, total):
    """The rows of each batch: the training images in another random order each epoch. [steps, rows]"""
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(total) for _ in range(-(-steps * rows // total))]
    return np.concatenate(orders)[: steps * rows].reshape(steps, rows).astype(np.int32)


def temperatures(schedule, steps):
    """The temperature of each step under `exp:START:RATE:FLOOR:EVERY`, or a constant. [steps]"""
    if not schedule.startswith("exp:"):
        return np.full(steps, float(schedule), np.float32)
    start, rate, floor, every = (float(x) for x in schedule.split(":")[1:])
    t = np.arange(steps) // every * every
    return np.maximum(floor, start * np.exp(-rate * t)).astype(np.float32)


def layer_sizes(hidden, codes):
    """Sizes of the encoder; the decoder has them in reverse order."""
    between = [] if hidden == "none" else [int(n) for n in hidden.split("-")]
    return [784, *between, codes]


def mean_logits(train):
    """The logits of each pixel's mean, kept finite: the initial bias of the decoder."""
    mean = np.clip(train.mean(0) / 255, 0.001, 0.999)
    return np.log(mean / (1 - mean)).astype(np.float32)


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
