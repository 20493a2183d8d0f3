"""C code that leaves early: sections in order, each followed by a question to its exit.

What an exit is asked is in `_exit_rules`, as NumPy and in words.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import abstractmethod
from string import Template
from textwrap import indent
from typing import Any

import numpy as np

from scann_sklearn.export import _c_exit_templates as templates
from scann_sklearn.export._c_classes import ClassAnswers
from scann_sklearn.export._c_tables import (
    Column,
    Tables,
    define,
    literal,
    signed_type,
    tabulate,
    unsigned_type,
    wrap,
)
from scann_sklearn.export._exit_rules import ExitRule


class ExitAnswers(ClassAnswers):
    """``int <name>_predict``, and ``<name>_predict_with_exit``, which says where samples leave.

    Parameters
    ----------
    code : SinglePrecision or FixedPoint
        The program.
    name : str
        Prefix of everything that the header defines.

    Attributes
    ----------
    about_others : Template
        Says in the head of the file what other functions there are.
    """

    about_others: Template

    @property
    def rule(self) -> ExitRule:
        """Who leaves where."""
        return self.code.exits

    @property
    def by_sign(self) -> bool:
        """Whether each exit has one output, whose sign decides."""
        return self.rule.by_sign

    @abstractmethod
    def limits(self) -> list[Column]:
        """What each exit is compared with."""

    @abstractmethod
    def decision_fields(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Fill what the loop over sections leaves open."""

    @abstractmethod
    def first_functions(self, fields: dict[str, Any]) -> list[str]:
        """Define what is ahead of that loop."""

    @abstractmethod
    def last_functions(self, fields: dict[str, Any]) -> list[str]:
        """Define what is behind it."""

    @abstractmethod
    def wrong_output(self, test: Any) -> str:
        """Condition that an output of the self-test is wrong."""

    def _tables(self, is_dense=False) -> Tables:
        """Of each exit its limits, and the rows of its section that have a value."""
        program, n_outputs = self.code.program, self.rule.head.inner.n_outputs
        counts = np.array([len(rows) - n_outputs for rows in program.sections])
        counts[0] -= program.n_linear * is_dense
        limits = self.limits() if self.rule.head.n_exits > 1 else []
        columns = [*limits, Column("n_row", unsigned_type(counts), counts)]
        return tabulate(self.upper, "section", columns)

    def run(self, fields: dict[str, Any]) -> str:
        """Write the function that evaluates section after section."""
        tables = self._tables(is_dense=not fields["start"])
        fields = fields | {k: indent(fields[k], "    ") for k in ("add_up", "finish", "store")}
        fields |= tables.access | {
            "last_exit": self.rule.head.n_exits - 1,
            "exit_tables": f"{tables.source}\n{tables.pointers}",
            "n_rows": tables.access["n_row"],
            "begin_rows": f"    {fields['start']};\n" if fields["start"] else "",
            "next_exit": tables.advance,
        }
        own = self.decision_fields(fields)
        if "next_exit" in own:
            own["next_exit"] = f"{tables.advance}, {own['next_exit']}"
        parts = [*self.first_functions(fields), templates.RUN.substitute(fields | own)]
        return "\n".join(parts)

    def run_fields(self) -> dict[str, Any]:
        return {}

    def header_fields(self) -> dict[str, Any]:
        """The number of exits beside that of classes."""
        fields, head = super().header_fields(), self.rule.head
        count = f"#define {self.upper}_N_EXITS {head.n_exits}\n"
        own = {"n_classes": fields["n_classes"] + count, "n_exit_outputs": head.inner.n_outputs}
        return fields | own

    def about(self, fields) -> tuple[str, str]:
        numbers = "raw features" if self.is_float else "integers; no floating point"
        first = templates.ABOUT.substitute(fields, numbers=numbers)
        return first + self.about_others.substitute(fields), super().about(fields)[1]

    def notes(self) -> str:
        head = self.rule.head
        if head.n_exits == 1:
            return templates.ABOUT_ONE_EXIT
        asked = head.thresholds[: head.n_exits - 1]
        return templates.ABOUT_LEAVING.substitute(
            thresholds=wrap((f"{t:.9g}" for t in asked), " * "),
            at_the_end="Where no exit is sure, the mean of all decides."
            if head.takes_mean
            else "All others leave at the last: what is behind it is left out.",
        )

    def declarations(self, fields) -> tuple[str, str]:
        first, last = super().declarations(fields)
        return templates.DECLARE.substitute(fields) + first, last

    def functions(self, fields) -> tuple[list[str], list[str]]:
        first = [*self.last_functions(fields), templates.PREDICT.substitute(fields)]
        return first, super().functions(fields)[1]

    def _expected(self, test) -> np.ndarray:
        """Class and exit of each sample as one number, -1 where rounding may decide."""
        left = self.rule.leave(test.outputs)
        expected = left.numbers + left.exits * len(self.code.program.classes)
        return np.where(self.rule.clear(test.outputs, test.tolerance), expected, -1)

    def test_tables(self, test) -> list[str]:
        expected = self._expected(test)
        return [define(self.upper, signed_type(expected), "answers", map(literal, expected))]

    def check_fields(self, test) -> dict[str, str]:
        ctype = signed_type(self._expected(test))
        return {
            "class_variable": " answer, k,",
            "compare_class": (
                f"        k = {self.name}_predict_with_exit(x, &i);\n"
                f"        k += i * {self.upper}_N_CLASSES;\n"
                f"        answer = (int){self.upper}_READ({ctype}, answers[t]);\n"
                "        is_wrong = answer >= 0 && answer != k;\n"
            ),
            "wrong_output": self.wrong_output(test),
        }

    @property
    def table_bytes(self) -> int:
        """The table of sections."""
        return self._tables().n_bytes
