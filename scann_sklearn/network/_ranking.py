"""The largest of many numbers by the bits of these: exact, and without sorting them.

Numbers are ranked by value, equal ones by place: the first counts as the larger.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network._compile import kernel

_DIGIT = 11  # bits that a pass over the numbers decides: its counts stay in the fastest cache


def as_bits(values) -> np.ndarray:
    """Bits of the numbers.

    Parameters
    ----------
    values : ndarray of float32 or float64
        The numbers, of which a NaN without a sign is larger than all others.

    Returns
    -------
    bits : ndarray of uint32 or uint64
        A view where the numbers are contiguous.
    """
    values = np.ascontiguousarray(values)
    return values.view(np.uint32 if values.itemsize == 4 else np.uint64)


@kernel(fastmath=False)
def key_of(bits, n_bits) -> np.uint64:
    """Integer that is the larger, the larger the number is."""
    sign = np.uint64(1) << np.uint64(n_bits - 1)
    bits = np.uint64(bits)
    if bits > sign:  # negative, and not zero
        return (sign - np.uint64(1)) ^ (bits ^ sign)
    return bits | sign


@kernel(fastmath=False)
def nth_largest(bits, n) -> tuple[np.uint64, int]:
    """Key of the n-th largest of the numbers, and how many of its equals are among the n."""
    n_bits = 8 * bits.itemsize
    counts = np.empty(2**_DIGIT, np.int64)
    undecided, prefix = n_bits, np.uint64(0)
    while undecided > 0:
        digit = min(_DIGIT, undecided)
        shift, last = np.uint64(undecided - digit), np.uint64(2**digit - 1)
        counts[:] = 0
        for i in range(bits.shape[0]):
            key = key_of(bits[i], n_bits)
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
def largest_places(bits, n) -> np.ndarray:
    """Places of the n largest of the numbers, ascending."""
    n_bits, found = 8 * bits.itemsize, 0
    places = np.empty(n, np.int64)
    least, n_equal = nth_largest(bits, n)
    for i in range(bits.shape[0]):
        key = key_of(bits[i], n_bits)
        if key > least or (key == least and n_equal > 0):
            if key == least:
                n_equal -= 1
            places[found] = i
            found += 1
    return places


@kernel(fastmath=False)
def append_larger(bits, first, least, kept, places, n_kept) -> int:
    """Append the numbers beyond a key to those that are kept, with their places."""
    n_bits = 8 * bits.itemsize
    for i in range(bits.shape[0]):
        if key_of(bits[i], n_bits) > least:
            kept[n_kept], places[n_kept] = bits[i], first + i
            n_kept += 1
    return n_kept


@kernel(fastmath=False)
def keep_largest(kept, places, n) -> np.uint64:
    """Move the n largest to the front, in their order; return the key of the least of them."""
    n_bits, found = 8 * kept.itemsize, 0
    least, n_equal = nth_largest(kept, n)
    for i in range(kept.shape[0]):
        key = key_of(kept[i], n_bits)
        if key > least or (key == least and n_equal > 0):
            if key == least:
                n_equal -= 1
            kept[found], places[found] = kept[i], places[i]
            found += 1
    return least
