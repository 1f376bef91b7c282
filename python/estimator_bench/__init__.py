"""Check gradient estimators against the test vectors of bench, and read its runs."""

from .check import Report, Row, check
from .runs import read_run
from .vectors import Cost, Vector, load

__all__ = ["Cost", "Report", "Row", "Vector", "check", "load", "read_run"]
