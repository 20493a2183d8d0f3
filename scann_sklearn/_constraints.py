"""Which numbers a parameter takes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys
from numbers import Integral, Real
from typing import Any

import numpy as np

from scann_sklearn import _sklearn


class Interval(_sklearn.Interval):
    """scikit-learn's constraint, for numbers that are meant as such.

    ``True`` is no number. Python's and NumPy's numbers are, up to the largest float: infinity, NaN
    and other kinds of numbers are not.
    """

    def is_satisfied_by(self, val) -> bool:
        """Whether a value fulfils the constraint."""
        if isinstance(val, bool) or not isinstance(val, int | float | np.integer | np.floating):
            return False
        if self.type is Integral:
            return super().is_satisfied_by(val)
        try:
            val = float(val)
        except OverflowError:  # an int beyond the largest float
            return False
        return bool(np.isfinite(val)) and super().is_satisfied_by(val)


class TorchModule(_sklearn.HasMethods):
    """A `torch.nn.Module`; torch isn't imported to see that something else is none."""

    def __init__(self) -> None:
        super().__init__(["forward"])

    def is_satisfied_by(self, val) -> bool:
        """Whether a value fulfils the constraint."""
        torch = sys.modules.get("torch")
        return torch is not None and isinstance(val, torch.nn.Module)

    def __str__(self) -> str:
        return "a torch.nn.Module"


def python_number(value: Any) -> Any:
    """A parameter, Python's number where it is NumPy's: arithmetic with small ones overflows."""
    return value.item() if isinstance(value, np.number) else value


def check_finite(name: str, value: Any) -> None:
    """Raise an error unless `value` is a finite number of at least 0."""
    if not Interval(Real, 0, None, closed="left").is_satisfied_by(value):
        raise ValueError(f"{name} must be a finite number of at least 0, got {value!r}.")


def check_flag(name: str, value: Any) -> None:
    """Raise an error unless `value` is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, got {value!r}.")
