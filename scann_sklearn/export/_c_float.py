"""C code in single precision."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from string import Template

import numpy as np

from scann_sklearn.export._c_format import NumberFormat
from scann_sklearn.export._c_map_floats import float_numbers
from scann_sklearn.export._c_maps import CMaps, image_note
from scann_sklearn.export._c_network import Network
from scann_sklearn.export._c_tables import Column, wrap
from scann_sklearn.export._map_blocks import blocks_of
from scann_sklearn.model._front import Front

_ABOUT = Template(
    """\
$first$last$self_test_about *
$notes$missing$reads
"""
)

_DENSE = Template(
    """\
    for (t = 0; t < ${NAME}_LINEAR; ++t, $next_row) {
        float sum = $bias;
        for (i = 0; i < $first_row; ++i, $next_entry)
            sum += $entry * v[i];
        v[$first_row + t] = sum;
    }
"""
)


_MISSING = """\
 * A missing value is NaN: not with -ffast-math, which takes NaN for a number.
"""


class FloatFormat(NumberFormat):
    """Inputs, weights, values and sums of float32."""

    ctype = sum_type = value_type = "float"
    sample, dense = "x", _DENSE

    def tabulate(self) -> Network:
        program = self.code.program
        weights, biases = (a.astype(np.float32) for a in (program.weights, program.biases))
        rows = [Column("bias", "float", biases)]
        return Network(program, self.upper, "float", weights, rows)

    def make_maps(self) -> CMaps:
        blocks = blocks_of(self.code.program.front)
        types = dict.fromkeys(("ctype", "sum_type", "value_type"), "float")
        numbers = [float_numbers(block) for block in blocks]
        return CMaps(blocks, numbers, types, self.code.program.n_slots, self.name, "0.0f")

    def run_fields(self) -> dict[str, str]:
        table = self.network.fields
        is_linear = f"t < {self.upper}_LINEAR || " if self.network.has_sparse_linear else ""
        slot = f"v[{self.network.first_row} + t]"
        return {
            "input": f"x[{self.network.feature}]",
            "product": f"{table['weight']} * {table['value']}",
            "finish": "",
            "store": f"            {slot} = {is_linear}sum > 0.0f ? sum : 0.0f;\n",
        }

    def about(self, fields) -> str:
        first, last = self.answers.about(fields)
        program = self.code.program
        reads = wrap(map(str, program.inputs), " *     ")
        if self.maps is not None:
            reads = image_note("x", program.front) + "."
        else:
            reads = " * Of x these features are read:\n" + reads
        missing = _MISSING if isinstance(program.front, Front) else ""
        texts = {"first": first, "last": last, "notes": self.answers.notes(), "reads": reads}
        return _ABOUT.substitute(fields, missing=missing, **texts)

    def constants(self) -> str:
        return ""

    def declarations(self, fields) -> str:
        return ""

    def functions(self, fields) -> list[str]:
        return []
