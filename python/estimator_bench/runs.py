"""Reads the results of a run of bench."""

import csv
from pathlib import Path

_whole = ("seed", "step", "forward", "backward")
_real = ("seconds", "value", "standardError")


def read_run(folder):
    """results.csv of a run: a row for each measured number.

    A pandas DataFrame if pandas is installed, else a list of dicts. A number that was not finite or does not apply
    is NaN in the DataFrame and None in the dicts.
    """
    path = Path(folder) / "results.csv"
    if not path.is_file():
        raise FileNotFoundError(f"{folder} has no results.csv; `bench report {folder}` writes it.")
    try:
        import pandas
    except ImportError:
        with open(path, newline="", encoding="utf-8") as file:
            return [_numbers(row) for row in csv.DictReader(file)]
    with open(path, encoding="utf-8") as file:
        columns = file.readline().strip().split(",")
    texts = {name: str for name in columns if name not in _whole + _real}
    return pandas.read_csv(path, dtype=texts, keep_default_na=False, na_values={name: [""] for name in _real})


def _numbers(row):
    whole = {name: int(row[name]) for name in _whole}
    real = {name: float(row[name]) if row[name] else None for name in _real}
    return {**row, **whole, **real}
