"""The largest of many numbers by integers in the same order: exact, and without sorting them.

Among equal numbers the first counts as the larger.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network._compile import kernel

_DIGIT = 11  # bits that a pass over the keys decides: its counts stay in the fastest cache


def keys_of(values, *, nan_is_largest=False) -> np.ndarray:
    """Integers in the order of the numbers.

    Parameters
    ----------
    values : ndarray of float32 or float64
        The numbers.
    nan_is_largest : bool, default=False
        Whether NaN comes behind infinity. Otherwise it comes ahead of all numbers.

    Returns
    -------
    keys : ndarray of uint32 or uint64
        Larger than 0, and smaller than the largest integer unless a number is NaN.
    """
    values = np.ascontiguousarray(values)
    bits = values.view(np.uint32 if values.itemsize == 4 else np.uint64)
    most = np.iinfo(bits.dtype).max
    keys = np.empty_like(bits)
    _fill_keys(values, bits, keys, bits.dtype.type(most if nan_is_largest else 1))
    return keys


@kernel(fastmath=False)
def _fill_keys(values, bits, keys, nan) -> None:
    sign = np.uint64(1) << np.uint64(8 * bits.itemsize - 1)
    for i in range(values.shape[0]):
        b = np.uint64(bits[i])
        if values[i] != values[i]:
            keys[i] = nan
        elif b > sign:  # negative, and not zero
            keys[i] = sign - np.uint64(1) - (b - sign)
        else:
            keys[i] = b | sign


@kernel(fastmath=False)
def nth_largest(keys, n) -> tuple[np.uint64, int]:
    """The n-th largest key, and how many of its equals are among the n."""
    counts = np.empty(2**_DIGIT, np.int64)
    n_bits = 8 * keys.itemsize
    undecided, prefix = n_bits, np.uint64(0)
    while undecided > 0:
        digit = min(_DIGIT, undecided)
        shift, last = np.uint64(undecided - digit), np.uint64(2**digit - 1)
        counts[:] = 0
        for i in range(keys.shape[0]):
            key = np.uint64(keys[i])
            if undecided == n_bits or key >> np.uint64(undecided) == prefix:
                counts[(key >> shift) & last] += 1
        d = 2**digit - 1
        while counts[d] < n:
            n -= counts[d]
            d -= 1
        prefix = (prefix << np.uint64(digit)) | np.uint64(d)
        undecided -= digit
    return prefix, n


@kernel(fastmath=False)
def append_larger(keys, first, least, kept, places, n_kept) -> int:
    """Append the keys that are larger than one to those that are kept, with their places."""
    for i in range(keys.shape[0]):
        if np.uint64(keys[i]) > least:
            kept[n_kept], places[n_kept] = keys[i], first + i
            n_kept += 1
    return n_kept


@kernel(fastmath=False)
def keep_largest(kept, places, n) -> np.uint64:
    """Move the n largest to the front, in their order; return the least of them."""
    found = 0
    least, n_equal = nth_largest(kept, n)
    for i in range(kept.shape[0]):
        key = np.uint64(kept[i])
        if key > least or (key == least and n_equal > 0):
            if key == least:
                n_equal -= 1
            kept[found], places[found] = kept[i], places[i]
            found += 1
    return least
