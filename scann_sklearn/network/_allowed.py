"""Which connections are allowed: for every target one range of sources."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import pairwise

import numpy as np

MOST_CONNECTIONS = int(np.iinfo(np.int32).max)  # that indices can count
# Bytes that training takes for a connection, at least: source, weight, gradient and two moments.
_BYTES = 5 * 4


class TooManyConnectionsError(ValueError):
    """More connections than indices of 32 bits can count."""


def count_allowed(n_inputs, n_hidden, n_outputs, layer_sizes) -> int:
    """Number of allowed connections, before there is an array of anything."""
    if layer_sizes is not None:
        sizes = [n_inputs, *map(int, layer_sizes), n_outputs]
        return sum(before * after for before, after in pairwise(sizes))
    return n_hidden * n_inputs + n_hidden * (n_hidden - 1) // 2 + n_outputs * (n_inputs + n_hidden)


def check_room(n_connections) -> None:
    """Raise where so many connections can't be: asking for memory in vain costs nothing."""
    n_bytes = n_connections * _BYTES
    takes = f"it takes {n_connections} connections and at least {n_bytes} bytes of memory"
    if n_connections > MOST_CONNECTIONS:
        raise TooManyConnectionsError(
            f"{takes}, but indices of 32 bits count up to {MOST_CONNECTIONS}."
        )
    try:
        np.empty(n_bytes, dtype=np.uint8)
    except MemoryError as error:
        raise MemoryError(f"{takes}, which aren't there.") from error


def allowed_sources(n_inputs, n_hidden, n_outputs, layer_sizes) -> tuple[np.ndarray, np.ndarray]:
    """First and one past the last source that each target may have."""
    if layer_sizes is None:
        last = n_inputs + np.minimum(np.arange(n_hidden + n_outputs), n_hidden)
        return np.zeros(n_hidden + n_outputs, dtype=np.int64), last.astype(np.int64)
    bounds = n_inputs + np.concatenate([[-n_inputs, 0], np.cumsum(layer_sizes)]).astype(np.int64)
    fan_out = np.append(np.asarray(layer_sizes, dtype=np.int64), n_outputs)
    return np.repeat(bounds[:-1], fan_out), np.repeat(bounds[1:], fan_out)
