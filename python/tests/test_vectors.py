import json
import os
import tempfile
import unittest
from pathlib import Path

import numpy as np

from estimator_bench import check, load
from implementations import exact, right, wrong

folder = os.environ.get("BENCH_VECTORS")


@unittest.skipUnless(folder, "BENCH_VECTORS names no folder; `bench export-vectors` writes one")
class Vectors(unittest.TestCase):
    def setUp(self):
        self.vectors = load(folder)

    def test_right_implementations_pass(self):
        report = check(right, self.vectors)
        self.assertTrue(report.ok, f"\n{report}")
        self.assertEqual(len(report.rows), 3 * len(right))

    def test_wrong_implementations_fail_on_every_task(self):
        for name, gradient in wrong:
            with self.subTest(gradient.__name__):
                report = check({name: gradient}, self.vectors)
                self.assertFalse(any(row.passed for row in report.rows), f"\n{report}")
                self.assertTrue(all(row.deviation > 0.05 for row in report.rows), f"\n{report}")

    def test_cost_and_derivative_are_those_that_bench_computed(self):
        for vector in self.vectors:
            sample = vector.arrays["sample"]
            np.testing.assert_allclose(vector.cost(sample), vector.arrays["cost"], rtol=1e-5, atol=1e-5)
            derivative = vector.cost.derivative(sample)
            np.testing.assert_allclose(derivative, vector.arrays["derivative"], rtol=1e-5, atol=1e-5)

    def test_exact_gradients_are_those_of_enumeration(self):
        for vector in self.vectors:
            if vector.objective == "mean":
                np.testing.assert_allclose(exact(vector), vector.arrays["exact"], rtol=1e-4, atol=1e-5)

    def test_uniforms_lie_between_0_and_1(self):
        for vector in self.vectors:
            for name, u in vector.noise.items():
                self.assertTrue(((u > 0) & (u < 1)).all(), f"{vector.estimator} {name}")

    def test_a_gradient_of_another_shape_or_not_finite_fails_with_a_note(self):
        report = check({"gs": lambda vector: np.zeros(3)}, self.vectors)
        self.assertIn("expected [4, 4]", report.rows[0].note)
        report = check({"gs": lambda vector: vector.arrays["gradient"] * np.nan}, self.vectors)
        self.assertEqual({row.note for row in report.rows}, {"the gradient is not finite"})
        self.assertFalse(report.ok)

    def test_the_table_has_a_line_for_every_task(self):
        table = str(check({"st": right["st"]}, self.vectors))
        self.assertRegex(table, r"estimator +task +deviation\nst +bits +\S+ +pass\nst +one-hot +\S+ +pass\n")

    def test_unknown_estimators_are_refused(self):
        with self.assertRaisesRegex(ValueError, "The estimators in .* are .*gs"):
            load(folder, estimator="gz")
        with self.assertRaisesRegex(ValueError, "No vector is of the estimator gz"):
            check({"gz": exact}, self.vectors)


class Readme(unittest.TestCase):
    def test_it_shows_the_example_as_it_is(self):
        package = Path(__file__).parent.parent
        example = (package / "examples" / "gumbel_softmax.py").read_text(encoding="utf-8").strip()
        self.assertIn(f"```python\n{example}\n```", (package / "README.md").read_text(encoding="utf-8"))


class Index(unittest.TestCase):
    def test_another_version_is_refused(self):
        with tempfile.TemporaryDirectory() as empty:
            Path(empty, "index.json").write_text(json.dumps({"version": 2}))
            with self.assertRaisesRegex(ValueError, "version 2"):
                load(empty)


if __name__ == "__main__":
    unittest.main()
