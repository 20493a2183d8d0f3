"""Maps in single precision."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.export._c_maps import BlockNumbers
from scann_sklearn.export._c_tables import Column, literal
from scann_sklearn.export._map_blocks import Block


def float_numbers(block: Block) -> BlockNumbers:
    """Write weights, biases and the steps of a window in floats.

    Parameters
    ----------
    block : Block
        A convolution and its pooling.

    Returns
    -------
    numbers : BlockNumbers
        For `CMaps`.
    """
    convolution = block.convolution
    keep = "if (sum > total)\n                        total = sum;"
    if block.is_mean:
        share = literal(np.float32(1) / np.float32(block.window**2))
        keep = f"if (sum > 0.0f)\n                        total += {share} * sum;"
    return BlockNumbers(
        of_maps=[Column("bias", "float", convolution.biases.astype(np.float32))],
        weights=Column("weight", "float", convolution.weights.astype(np.float32)),
        target_type="float",
        bias="$bias",
        product="$weight * *at",
        least="-3.40282347e+38f" if block.is_linear else "0.0f",
        keep=keep,
        finish="",
        result="total",
        zero="0.0f",
    )
