"""Which connections are allowed: for every target one range of sources."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

MOST_CONNECTIONS = int(np.iinfo(np.int32).max)  # that indices can count
# Bytes that training takes for a connection, at least: source, weight, gradient and two moments.
_BYTES = 5 * 4
_TEMPORARY = 2  # how many times as much it takes while the arrays are made


class TooManyConnectionsError(ValueError):
    """More connections than indices of 32 bits can count."""


def available_bytes() -> float:
    """Memory that there is, infinite where the system doesn't say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            lines = dict(line.split(":") for line in file)
        return 1024.0 * int(lines["MemAvailable"].split()[0])
    except (OSError, KeyError, ValueError):
        return math.inf


def most_connections() -> int:
    """Connections that indices can count and memory can hold."""
    return int(min(MOST_CONNECTIONS, available_bytes() / (_TEMPORARY * _BYTES)))


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
            f"{takes}, but 32-bit indices count only up to {MOST_CONNECTIONS}."
        )
    # asked for too, since systems promise memory that they don't have, or don't say what they have
    try:
        np.empty(n_bytes, dtype=np.uint8)
    except MemoryError as error:
        raise MemoryError(f"{takes}, which are not available.") from error
    there = available_bytes()
    if _TEMPORARY * n_bytes > there:
        raise MemoryError(f"{takes}, temporarily twice that, of which {there:.0f} are available.")


def allowed_sources(
    n_inputs, n_hidden, n_outputs, layer_sizes, exits=None, exit_inputs=None
) -> tuple[np.ndarray, np.ndarray]:
    """First and one past the last source that each target may have."""
    if layer_sizes is None:
        last = n_inputs + np.minimum(np.arange(n_hidden + n_outputs), n_hidden)
        first, last = np.zeros(n_hidden + n_outputs, dtype=np.int64), last.astype(np.int64)
        bounds = None
    else:
        bounds = np.concatenate([[-n_inputs, 0], np.cumsum(layer_sizes)]).astype(np.int64)
        bounds += n_inputs
        fan_out = np.append(np.asarray(layer_sizes, dtype=np.int64), n_outputs)
        first, last = np.repeat(bounds[:-1], fan_out), np.repeat(bounds[1:], fan_out)
    if exits is not None:
        end = n_inputs + np.repeat(np.asarray(exits, np.int64), n_outputs // len(exits))
        last[n_hidden:] = end
        if bounds is not None:  # where the layer begins that the last of these neurons is of
            first[n_hidden:] = bounds[np.searchsorted(bounds[1:], end)]
    if exit_inputs is not None:
        own = np.searchsorted(np.asarray(exits), np.arange(n_hidden), side="right")
        section = np.append(own, np.repeat(np.arange(len(exits)), n_outputs // len(exits)))
        reads_inputs = first < n_inputs
        last[reads_inputs] = np.asarray(exit_inputs, np.int64)[section[reads_inputs]]
    return first, last
