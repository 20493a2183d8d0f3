"""Compiled loops over the connections of each target, without arrays as large as all of them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scann_sklearn.network._compile import kernel

_PART = 2**20  # connections for which there are temporary arrays


def parts(indptr) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the connections part by part, each part with the targets of its connections."""
    targets = np.arange(len(indptr) - 1)
    for begin in range(0, int(indptr[-1]), _PART):
        end = min(begin + _PART, int(indptr[-1]))
        yield slice(begin, end), np.repeat(targets, np.diff(np.clip(indptr, begin, end)))


@kernel(fastmath=False)
def every_source(first, last) -> np.ndarray:
    """Sources of the targets that take all from the first to before the last."""
    size = 0
    for t in range(first.shape[0]):
        size += last[t] - first[t]
    indices = np.empty(size, np.int32)
    j = 0
    for t in range(first.shape[0]):
        for s in range(first[t], last[t]):
            indices[j] = s
            j += 1
    return indices


@kernel(fastmath=False)
def faults(indptr, indices, first, last) -> tuple[int, int]:
    """First connection of a source that isn't allowed, and first that a lesser one follows.

    -1 where there is none.
    """
    outside, falling = -1, -1
    for t in range(first.shape[0]):
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j]
            if outside < 0 and (s < first[t] or s >= last[t]):
                outside = j
            if falling < 0 and j > indptr[t] and s <= indices[j - 1]:
                falling = j - 1
    return outside, falling


@kernel(fastmath=False)
def count_kept(n_sources, indptr, indices, keep) -> tuple[np.ndarray, np.ndarray]:
    """Connections in `keep` of each target, and which sources have one."""
    counts = np.zeros(indptr.shape[0] - 1, np.int64)
    heard = np.zeros(n_sources, np.bool_)
    for t in range(counts.shape[0]):
        for j in range(indptr[t], indptr[t + 1]):
            if keep[j]:
                counts[t] += 1
                heard[indices[j]] = True
    return counts, heard


@kernel(fastmath=False)
def kept_csr(indptr, indices, keep, n) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """CSR structure of the n connections in `keep`, and their numbers."""
    starts = np.empty_like(indptr)
    # without a condition, as in `restricted`
    sources, numbers = np.empty(n + 1, indices.dtype), np.empty(n + 1, np.int32)
    i = 0
    starts[0] = 0
    for t in range(indptr.shape[0] - 1):
        for j in range(indptr[t], indptr[t + 1]):
            sources[i], numbers[i] = indices[j], j
            i += keep[j]
        starts[t + 1] = i
    return starts, sources[:n], numbers[:n]


@kernel(fastmath=False)
def restricted(indptr, indices, keys, floor, n) -> tuple:
    """CSR structure of the n connections with keys beyond the floor, these, and their numbers."""
    starts = np.empty_like(indptr)
    # written without a condition, which would be mispredicted often: one place more for the rest
    sources = np.empty(n + 1, indices.dtype)
    found = np.empty(n + 1, keys.dtype)
    numbers = np.empty(n + 1, np.int32)
    i = 0
    starts[0] = 0
    for t in range(indptr.shape[0] - 1):
        for j in range(indptr[t], indptr[t + 1]):
            sources[i], found[i], numbers[i] = indices[j], keys[j], j
            i += np.uint64(keys[j]) > floor
        starts[t + 1] = i
    return starts, sources[:n], found[:n], numbers[:n]


@kernel(fastmath=False)
def merged(indptr, indices, new_indptr, new) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """CSR structure with more connections, and which of all were there before.

    The new ones are a CSR structure of the same targets; sources ascend in both.
    """
    n_targets = indptr.shape[0] - 1
    joined = np.empty(n_targets + 1, np.int64)
    sources = np.empty(indices.shape[0] + new.shape[0], indices.dtype)
    old = np.empty(sources.shape[0], np.bool_)
    joined[0] = 0
    j = 0
    for t in range(n_targets):
        k, last = new_indptr[t], new_indptr[t + 1]
        for i in range(indptr[t], indptr[t + 1]):
            while k < last and new[k] < indices[i]:
                sources[j], old[j] = new[k], False
                j, k = j + 1, k + 1
            sources[j], old[j] = indices[i], True
            j += 1
        while k < last:
            sources[j], old[j] = new[k], False
            j, k = j + 1, k + 1
        joined[t + 1] = j
    return joined, sources, old


@kernel(fastmath=False)
def absent_places(first, last, indptr, indices) -> np.ndarray:
    """Places of the allowed connections that don't exist, ascending, see `Places`."""
    size = -indices.shape[0]
    for t in range(first.shape[0]):
        size += last[t] - first[t]
    places = np.empty(size, np.int64)
    i, begin = 0, np.int64(0)
    for t in range(first.shape[0]):
        j, end = indptr[t], indptr[t + 1]
        for s in range(first[t], last[t]):
            if j < end and indices[j] == s:
                j += 1
            else:
                places[i] = begin + s - first[t]
                i += 1
        begin += last[t] - first[t]
    return places


@kernel(fastmath=False)
def sources_at(places, starts, offset, first) -> np.ndarray:
    """Sources of the connections at some places, of which target t's begin at starts[t]."""
    sources = np.empty(places.shape[0], np.int32)
    for t in range(first.shape[0]):
        for i in range(starts[t], starts[t + 1]):
            sources[i] = places[i] - offset[t] + first[t]
    return sources
