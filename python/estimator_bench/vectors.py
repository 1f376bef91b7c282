"""Reads the folder that `bench export-vectors` writes."""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np


class Cost:
    """f(x) = c + a.x + x.Q.x of a sample [S, B, ...], flat over its last axes. The same for every row."""

    def __init__(self, constant, linear, quadratic):
        self.constant, self.linear, self.quadratic = constant, linear, quadratic

    def __call__(self, x):
        """The cost [S, B] of a sample of NumPy, PyTorch or JAX, differentiable there."""
        flat = x.reshape(*x.shape[:2], -1)
        total = self.constant
        for i, (slope, row) in enumerate(zip(self.linear, self.quadratic)):
            moved = slope + sum(q * flat[..., j] for j, q in enumerate(row))
            total = total + flat[..., i] * moved
        return total

    def derivative(self, x):
        """Its derivative with respect to a NumPy sample, of the sample's shape."""
        x = np.asarray(x)
        quadratic = np.array(self.quadratic)
        flat = x.reshape(*x.shape[:2], -1)
        return (np.array(self.linear) + flat @ (quadratic + quadratic.T)).reshape(x.shape)


@dataclass(frozen=True)
class Vector:
    """One draw of an estimator on a task. Arrays are float32; S samples, B rows."""

    estimator: str  # as selected in bench: name:option=value
    task: str
    family: str  # bernoulli or categorical
    options: dict
    unbiased: object  # True, False or "direction"
    needs: str  # values or derivatives
    objective: str  # mean, multi-sample or own
    cost: Cost
    arrays: dict  # by name: logits, sample, gradient, exact, noise/z, ...

    @property
    def noise(self):
        """The uniforms in (0, 1) that the estimator asked for, [S, B, ...] by name; most ask only for "z"."""
        return self._under("noise/")

    @property
    def parameters(self):
        """The estimator's own parameters, such as the scale of a control variate."""
        return self._under("parameter/")

    @property
    def state(self):
        """Its state before the draw, such as a moving average."""
        return self._under("state/")

    def _under(self, prefix):
        found = self.arrays.items()
        return {name[len(prefix) :]: array for name, array in found if name.startswith(prefix)}


def load(folder, estimator="*", task="*", family="*"):
    """The vectors in a folder whose estimator, task and family match the patterns."""
    folder = Path(folder)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    if index["version"] != 1:
        raise ValueError(f"{folder} has vectors of version {index['version']}; this package reads version 1.")
    vectors = []
    for entry in index["vectors"]:
        described = index["tasks"][entry["task"]]
        wanted = zip((entry["estimator"], entry["task"], described["family"]), (estimator, task, family))
        if not all(fnmatchcase(name, pattern) for name, pattern in wanted):
            continue
        with np.load(folder / entry["file"]) as file:
            arrays = {name: file[name] for name in file.files}
        fields = ("estimator", "task", "options", "unbiased", "needs", "objective")
        vectors.append(
            Vector(
                **{name: entry[name] for name in fields},
                family=described["family"],
                cost=Cost(**described["cost"]),
                arrays=arrays,
            )
        )
    if not vectors:
        names = sorted({entry["estimator"] for entry in index["vectors"]})
        raise ValueError(f"No vector matches. The estimators in {folder} are {', '.join(names)}.")
    return vectors
