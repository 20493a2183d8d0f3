"""What the C code says of a sample: the part of the header that depends on the kind of head."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from scann_sklearn.export._c_tables import literal
from scann_sklearn.export._c_templates import RUN
from scann_sklearn.export._single import SinglePrecision


class Answers(ABC):
    """Functions around ``<name>_run``, which evaluates the network.

    Parameters
    ----------
    code : SinglePrecision or FixedPoint
        The program.
    name : str
        Prefix of everything that the header defines.

    Attributes
    ----------
    outputs : str
        The function that writes the outputs, without prefix.
    is_float : bool
        Whether sums are floats.
    """

    def __init__(self, code: Any, name: str) -> None:
        self.code, self.name, self.upper = code, name, name.upper()
        self.is_float = isinstance(code, SinglePrecision)

    @property
    def outputs(self) -> str:
        """The function that writes the outputs, without prefix."""
        return "outputs" if self.is_float else "scores"

    @abstractmethod
    def run_fields(self) -> dict[str, Any]:
        """Fill what the loop over rows leaves open."""

    @abstractmethod
    def header_fields(self) -> dict[str, Any]:
        """Fill what the frame of the header leaves open."""

    @abstractmethod
    def about(self, fields: dict[str, Any]) -> tuple[str, str]:
        """Say in the head of the file what functions there are: those that come first and last."""

    @abstractmethod
    def declarations(self, fields: dict[str, Any]) -> tuple[str, str]:
        """Declare them in the same order."""

    @abstractmethod
    def functions(self, fields: dict[str, Any]) -> tuple[list[str], list[str]]:
        """Define them in the same order."""

    @abstractmethod
    def check_fields(self, test: Any) -> dict[str, str]:
        """Say what a `SelfTest` takes for wrong."""

    def test_tables(self, test: Any) -> list[str]:
        """Define what it compares beside the outputs."""
        return []

    def run(self, fields: dict[str, Any]) -> str:
        """Write the function that evaluates the network."""
        return RUN.substitute(fields)

    def notes(self) -> str:
        """Say in the head of the file what else there is to know."""
        return ""

    @property
    def table_bytes(self) -> int:
        """Bytes of tables that a prediction reads beside those of the network."""
        return 0

    @property
    def value_bytes(self) -> int:
        """Bytes that a prediction keeps on the stack beside the values of the network."""
        return 0


class OutputAnswers(Answers):
    """Answers that take all outputs, not only the largest."""

    def run_fields(self) -> dict[str, Any]:
        """The outputs are written and nothing is returned."""
        return {
            "run_does": "writes the outputs",
            "run_type": "void",
            "top": "",
            "best": "",
            "output": f"            y[t - {self.upper}_VALUES] = sum;\n",
            "result": "",
        }

    def header_fields(self) -> dict[str, Any]:
        """There are no classes to count."""
        return {"n_classes": ""}

    def check_fields(self, test: Any) -> dict[str, str]:
        """Outputs are compared."""
        return {
            "class_variable": "",
            "compare_class": "        is_wrong = 0;\n",
            "wrong_output": wrong_output(test.tolerance) if self.is_float else "y[i] != e",
        }


def wrong_output(tolerance: float) -> str:
    """Condition that an output of the self-test differs by more than rounding."""
    once = literal(np.float32(tolerance))
    return f"!(y[i] - e <= {once} && e - y[i] <= {once})"
