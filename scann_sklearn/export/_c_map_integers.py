"""Maps in integers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from string import Template

from scann_sklearn.export._c_maps import BlockNumbers
from scann_sklearn.export._c_tables import Column
from scann_sklearn.export._fixed_maps import FixedBlock

# A total is not below 0, but without a ReLU.
_FINISH = Template(
    """\
                total >>= $$shift;
                if (total > $high)
                    total = $high;
"""
)
_FINISH_SIGNED = Template(
    """\
                total = total < 0 ? ~(~total >> $$shift) : total >> $$shift;
                total = total < $low ? $low : total > $high ? $high : total;
"""
)


def integer_numbers(made: FixedBlock, weight_type: str, target_type: str) -> BlockNumbers:
    """Write weights, biases and the steps of a window in integers.

    Parameters
    ----------
    made : FixedBlock
        A convolution and its pooling.
    weight_type, target_type : str
        Types of weights and of what comes out.

    Returns
    -------
    numbers : BlockNumbers
        For `CMaps`.
    """
    keep = "if (sum > total)\n                        total = sum;"
    if made.block.is_mean:
        keep = f"if (sum > 0)\n                        total += sum >> {made.halvings};"
    finish = _FINISH_SIGNED if made.block.is_linear else _FINISH
    minus = f" - {made.zero}" if made.zero else ""
    return BlockNumbers(
        of_maps=[Column("bias", "int32_t", made.biases), Column("shift", "uint8_t", made.shifts)],
        weights=Column("weight", weight_type, made.weights),
        target_type=target_type,
        bias="$bias",
        product="(int32_t)$weight * *at",
        least="INT32_MIN" if made.block.is_linear else "0",
        keep=keep,
        finish=finish.substitute(low=made.low, high=made.high),
        result=f"({target_type})(total{minus})",
        zero=str(-made.zero),
    )
