"""The exponential of the generated C code, in NumPy."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

_LOWEST = np.float32(-86.5)  # below: probability 0


def exp_single(x: np.ndarray) -> np.ndarray:
    """Exponential of numbers that are not positive, in the steps of the C code.

    Parameters
    ----------
    x : ndarray of float32
        The numbers.

    Returns
    -------
    powers : ndarray of float32
        To the last bit what the code computes.
    """
    x = np.maximum(x, _LOWEST)
    one = np.float32(1)
    k = (x * np.float32(-1.44269504)).astype(np.int32)
    r = x + k.astype(np.float32) * np.float32(0.693359375)
    r = r - k.astype(np.float32) * np.float32(2.12194440e-4)
    p = one + r * (one / np.float32(7) + r * (one / np.float32(56)))
    for a, b in ((5, 30), (3, 12)):
        p = one + r * (one / np.float32(a) + r * (one / np.float32(b)) * p)
    p = one + r * (one + r * np.float32(0.5) * p)
    return np.where(x > _LOWEST, np.ldexp(p, -k), np.float32(0))
