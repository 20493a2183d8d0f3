"""Values of connections and neurons, checked: the compiled code checks neither length nor type."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np


def as_values(values, dtype, length, what, of) -> np.ndarray:
    """Values of the connections or targets in the layout of the compiled code."""
    values = np.asarray(values)
    if values.shape != (length,):
        size = len(values) if values.ndim else 1
        raise ValueError(f"{size} {what} for {length} {of}, in an array of shape {values.shape}.")
    if values.dtype != dtype:
        raise ValueError(f"The {what} are of dtype {values.dtype}, but weight is of {dtype}.")
    return values if values.flags.carray else np.array(values, order="C")
