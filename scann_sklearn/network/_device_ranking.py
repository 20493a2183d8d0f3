"""`_ranking` and the largest of many blocks once more, in tensors on a device.

What is chosen is the same: exact, and among equal numbers the first counts as the larger.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

_DIGIT = 11  # bits that a pass over the keys decides
_ROOM = 2**24  # values that are kept beyond those that are needed, before they are cut down


def as_tensor(array, device) -> Tensor:
    """A copy of an array, which may be read-only or run backwards in memory."""
    return torch.tensor(np.ascontiguousarray(array), device=device)


def keys_of(values, *, nan_is_largest=False) -> Tensor:
    """Integers in the order of the numbers.

    Parameters
    ----------
    values : torch.Tensor of float32 or float64
        The numbers.
    nan_is_largest : bool, default=False
        Whether NaN comes behind infinity. Otherwise it comes ahead of all numbers.

    Returns
    -------
    keys : torch.Tensor of int32 or int64
        Those of `_ranking.keys_of`, less half of their range, since they have a sign here.
    """
    keys = values.contiguous().view(torch.int32 if values.itemsize == 4 else torch.int64)
    range_ = torch.iinfo(keys.dtype)
    # of negative numbers in the order of their magnitudes, which are 0 for minus zero
    keys = torch.where(keys < 0, range_.min - keys, keys)
    keys = torch.where(keys < 0, keys - 1, keys)
    nan = range_.max if nan_is_largest else range_.min + 1
    return keys.masked_fill_(torch.isnan(values), nan)


def nth_largest(keys, n) -> tuple[int, int]:
    """The n-th largest key, and how many of its equals are among the n."""
    undecided, prefix, rest = 8 * keys.itemsize, 0, keys
    first = True
    while undecided > 0:
        digit = min(_DIGIT, undecided)
        undecided, size = undecided - digit, 2**digit
        lowest = -size // 2 if first else 0  # the first digit has the sign
        digits = rest >> undecided
        digits = digits - lowest if first else digits & (size - 1)
        counts = torch.bincount(digits, minlength=size)
        beyond = counts.flip(0).cumsum(0)
        i = int(torch.searchsorted(beyond, n))
        n -= int(beyond[i - 1]) if i else 0
        d = size - 1 - i
        rest, prefix, first = rest[digits == d], prefix * size + d + lowest, False
    return prefix, n


def largest(blocks: Iterable[tuple[int, Tensor]], n: int) -> np.ndarray:
    """Places with the largest values, of blocks that are in memory one at a time.

    Parameters
    ----------
    blocks : iterable of (int, torch.Tensor)
        First place of each block, and a value for each of its places.
    n : int
        How many, at least 1; there are at least as many that count.

    Returns
    -------
    places : ndarray of int of shape (n,)
        Ascending. Among equal values the first are taken.
    """
    kept: list[tuple[Tensor, Tensor]] = []
    n_kept, least = 0, None
    for first, values in blocks:
        keys = keys_of(values, nan_is_largest=True)
        places = torch.arange(first, first + len(keys), device=keys.device)
        if least is not None:
            larger = keys > least
            keys, places = keys[larger], places[larger]
        kept.append((keys, places))
        n_kept += len(keys)
        if n_kept > n + max(n // 2, _ROOM):
            keys, places, least = _cut(kept, n)
            kept, n_kept = [(keys, places)], n
    return _cut(kept, n)[1].cpu().numpy()


def _cut(kept, n) -> tuple[Tensor, Tensor, int]:
    """The n largest keys and their places, in their order, and the least of these keys."""
    keys, places = (torch.cat(parts) for parts in zip(*kept, strict=True))
    least, n_equal = nth_largest(keys, n)
    chosen = keys > least
    chosen[(keys == least).nonzero().flatten()[:n_equal]] = True
    return keys[chosen], places[chosen], least
