import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from estimator_bench import read_run

table = """task,taskOptions,estimator,estimatorOptions,seed,engine,split,metric,step,forward,backward,seconds,value,standardError,protocol,cell
bits,,gs,"temperature=0.5,samples=1",0,onnx,train,cost,10,10,10,0.5,0.25,0.01,,abc
bits,,gs,"temperature=0.5,samples=1",1,onnx,gradients,bias,10,10,10,0.5,,,frozen,abd
"""


class Runs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        Path(self.folder.name, "results.csv").write_text(table)

    def test_without_pandas_rows_are_dicts_of_numbers_and_texts(self):
        with patch.dict("sys.modules", {"pandas": None}):
            first, second = read_run(self.folder.name)
        self.assertEqual(first["estimatorOptions"], "temperature=0.5,samples=1")
        self.assertEqual((first["seed"], first["step"], first["value"]), (0, 10, 0.25))
        self.assertIsNone(second["value"])

    def test_with_pandas_there_is_a_frame(self):
        try:
            import pandas
        except ImportError:
            self.skipTest("pandas is not installed")
        frame = read_run(self.folder.name)
        self.assertIsInstance(frame, pandas.DataFrame)
        self.assertEqual(frame["value"].tolist()[0], 0.25)
        self.assertTrue(frame["value"].isna()[1])
        self.assertEqual(frame["protocol"].tolist(), ["", "frozen"])

    def test_a_folder_without_results_is_refused(self):
        with tempfile.TemporaryDirectory() as empty, self.assertRaisesRegex(FileNotFoundError, "bench report"):
            read_run(empty)


if __name__ == "__main__":
    unittest.main()
