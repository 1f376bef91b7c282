"""Compares implementations with vectors."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Row:
    """One estimator on one task."""

    estimator: str
    task: str
    deviation: float  # the largest, as a share of the largest entry of the gradient
    passed: bool
    note: str


@dataclass(frozen=True)
class Report:
    """The outcome of `check`; printed, it is a table."""

    rows: list

    @property
    def ok(self):
        return all(row.passed for row in self.rows)

    def __str__(self):
        cells = [("estimator", "task", "deviation", "", "")]
        for row in self.rows:
            verdict = "pass" if row.passed else "FAIL"
            cells.append((row.estimator, row.task, f"{row.deviation:.1e}", verdict, row.note))
        widths = [max(len(line[i]) for line in cells) for i in range(5)]
        lines = ("  ".join(text.ljust(width) for text, width in zip(line, widths)) for line in cells)
        return "\n".join(line.rstrip() for line in lines)


def check(implementations, vectors, tolerance=1e-4):
    """Calls each implementation on the vectors of its estimator and compares gradients.

    `implementations` maps an estimator, as bench names it, to a function of a Vector that returns the gradient of
    each row's cost with respect to its logits, [B, ...], as an array or tensor. Vectors are in float32, so the
    default tolerance leaves room for the rounding of sums and none for a wrong formula.
    """
    rows = []
    for name, gradient in implementations.items():
        own = [vector for vector in vectors if name in (vector.estimator, vector.estimator.split(":")[0])]
        if not own:
            raise ValueError(f"No vector is of the estimator {name}.")
        rows.extend(_compare(vector, gradient(vector), tolerance) for vector in own)
    return Report(rows)


def _compare(vector, result, tolerance):
    if hasattr(result, "detach"):
        result = result.detach().cpu()
    result, right = np.asarray(result, dtype=np.float64), vector.arrays["gradient"].astype(np.float64)
    if result.shape != right.shape:
        note = f"the gradient is {list(result.shape)}, expected {list(right.shape)}"
        return Row(vector.estimator, vector.task, float("nan"), False, note)
    deviation = float(np.max(np.abs(result - right)) / (np.max(np.abs(right)) or 1))
    note = "" if np.isfinite(deviation) else "the gradient is not finite"
    return Row(vector.estimator, vector.task, deviation, deviation <= tolerance, note)
