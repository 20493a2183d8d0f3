"""C code that leaves early: sections in order, and after each the question whether its exit is sure.

What an exit is asked is in `_exit_rules`, as NumPy and in words.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from textwrap import indent
from typing import Any

import numpy as np

from scann_sklearn.export import _c_exit_templates as templates
from scann_sklearn.export._c_answers import wrong_output
from scann_sklearn.export._c_classes import ClassAnswers
from scann_sklearn.export._c_exponential import EXP
from scann_sklearn.export._c_tables import (
    BYTES,
    Column,
    Tables,
    define,
    literal,
    signed_type,
    tabulate,
    unsigned_type,
    wrap,
)
from scann_sklearn.export._exit_rules import CUBIC, ExitRule


class ExitAnswers(ClassAnswers):
    """``int <name>_predict``, and ``<name>_predict_with_exit``, which says where samples leave."""

    @property
    def rule(self) -> ExitRule:
        """Who leaves where."""
        return self.code.exits

    @property
    def by_sign(self) -> bool:
        """Whether each exit has one output, whose sign decides."""
        return self.rule.by_sign

    @property
    def limit_type(self) -> str:
        """Type of what an exit is compared with."""
        return "float" if self.is_float else "int32_t" if self.by_sign else "uint32_t"

    def _tables(self, is_dense=False) -> Tables:
        """Rows of each section that have a value, and the limit of each exit."""
        program, size = self.code.program, len(self.code.program.head.inner.output_names)
        counts = np.array([len(rows) - size for rows in program.sections])
        counts[0] -= program.n_linear * is_dense
        limits = Column("limit", self.limit_type, self.rule.limits)
        return tabulate(
            self.upper, "section", [limits, Column("n_rows", unsigned_type(counts), counts)]
        )

    def run(self, fields: dict[str, Any]) -> str:
        """Write the function that evaluates section after section."""
        tables = self._tables(is_dense=not fields["start"])
        deeper = {name: indent(fields[name], "    ") for name in ("add_up", "finish", "store")}
        limit = tables.access["limit"]
        size = f"z[1] > {limit} || z[1] < -{limit}"
        sum_ = "rest" if self.is_float else "total"
        test = f"({size})" if self.by_sign else f"{sum_} < {limit}"
        asked = templates.LEAVE.substitute(is_sure=test)
        fields = fields | deeper | self._decision_fields(fields)
        fields |= {
            "last_exit": self.rule.head.n_exits - 1,
            "exit_tables": f"{tables.source}\n{tables.pointers}",
            "n_section": tables.access["n_rows"],
            "n_exit_outputs": self.rule.head.inner.n_outputs,
            "begin_rows": f"    {fields['start']};\n" if fields["start"] else "",
            "if_sign": asked if self.by_sign else "",
            "if_rest": "" if self.by_sign else asked,
        }
        decide = templates.DECIDE_FLOAT if self.is_float else templates.DECIDE_FIXED
        fields |= {"decide": decide.substitute(fields), "next_section": tables.advance}
        before = EXP if self.is_float else templates.POWER
        return before.substitute(fields) + "\n" + templates.RUN.substitute(fields)

    def _decision_fields(self, fields) -> dict[str, Any]:
        """What floats and integers keep and compute at an exit."""
        if self.is_float:
            return {"parameters": "float *z, float *p, int *where", "variables": "    float rest;\n"}
        rule, own = self.rule, f"{self.upper}_N_CLASSES"
        low = rule.one_bits - 15
        return {
            "parameters": "int *where",
            "variables": f"    int32_t z[{own}];\n    uint32_t p[{own}], total;\n",
            "to_low": f" >> {low}" if low else "",
            "mean_bits": rule.mean_bits,
            "coarse": f" >>= {rule.coarse};" if rule.coarse else ";",
            "lost_bits": f" + {rule.lost_bits}" if rule.lost_bits else "",
            **{name: getattr(rule, name) for name in ("farthest", "factor", "half")},
            **dict(zip("abc", CUBIC, strict=True)),
        }

    def run_fields(self) -> dict[str, Any]:
        """Where the search for the largest output begins."""
        least = {True: ("0.0f", "0"), False: ("-3.40282347e+38f", "INT32_MIN")}[self.by_sign]
        return {
            "least": least[not self.is_float],
            "first_class": " + 1" if self.by_sign else "",
            "first_score": f"        z[0] = {least[not self.is_float]};\n" * self.by_sign,
        }

    def header_fields(self) -> dict[str, Any]:
        """The number of exits beside that of classes."""
        fields = super().header_fields()
        n_exits = f"#define {self.upper}_N_EXITS {self.rule.head.n_exits}\n"
        return fields | {"n_classes": fields["n_classes"] + n_exits}

    def about(self, fields) -> tuple[str, str]:
        numbers = "raw features" if self.is_float else "integers; no floating point"
        others = templates.ABOUT_FLOAT if self.is_float else templates.ABOUT_FIXED
        first = templates.ABOUT.substitute(fields, numbers=numbers) + others.substitute(fields)
        return first, super().about(fields)[1]

    def notes(self) -> str:
        """Say in the head of the file what leaving means."""
        thresholds = wrap((f"{t:.9g}" for t in self.rule.head.thresholds), " * ")
        return templates.ABOUT_LEAVING.substitute(thresholds=thresholds)

    def declarations(self, fields) -> tuple[str, str]:
        first, last = super().declarations(fields)
        return first + templates.DECLARE.substitute(fields), last

    def functions(self, fields) -> tuple[list[str], list[str]]:
        own = f"    float z[{self.upper}_N_CLASSES], p[{self.upper}_N_CLASSES];\n"
        buffers = {"buffers": own if self.is_float else "", "passed": "z, p, " * self.is_float}
        first = [templates.PREDICT.substitute(fields, **buffers)]
        if self.is_float:
            of_sign = templates.OF_SIGN.substitute(fields) if self.by_sign else ""
            first.append(templates.PROBABILITIES.substitute(fields, of_sign=of_sign))
        return first, super().functions(fields)[1]

    def _expected(self, test) -> np.ndarray:
        """Class and exit of each sample as one number, -1 where rounding may decide."""
        left = self.rule.leave(test.outputs)
        expected = left.numbers + left.exits * len(self.code.program.classes)
        clear = self.rule.clear(test.outputs, test.tolerance)
        return np.where(clear, expected, -1)

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
            "wrong_output": wrong_output(test.tolerance) if self.is_float else "y[i] != e",
        }

    @property
    def table_bytes(self) -> int:
        """The table of sections."""
        return self._tables().n_bytes

    @property
    def value_bytes(self) -> int:
        """Outputs of an exit and the mean of all."""
        return 2 * BYTES["float"] * len(self.code.program.classes)
