# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
"""Compiled walks over the connections: levels, life, and the paths that pruning has to keep."""

import numpy as np
from numba import njit

_JIT = {"nogil": True, "cache": True}


@njit(**_JIT)
def used_inputs(n_inputs, indices):
    seen = np.zeros(n_inputs, np.bool_)
    for j in range(indices.shape[0]):
        if indices[j] < n_inputs:
            seen[indices[j]] = True
    return np.flatnonzero(seen)


@njit(**_JIT)
def levels(n_inputs, indptr, indices):
    level = np.zeros(indptr.shape[0] - 1, np.int64)
    for t in range(level.shape[0]):
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j] - n_inputs
            level[t] = max(level[t], 1 if s < 0 else level[s] + 1)
    return level


@njit(**_JIT)
def fed(n_inputs, indptr, indices, keep):
    """Which targets are reached from an input through the connections in `keep`."""
    reached = np.zeros(indptr.shape[0] - 1, np.bool_)
    for t in range(reached.shape[0]):
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j] - n_inputs
            if keep[j] and (s < 0 or reached[s]):
                reached[t] = True
    return reached


@njit(**_JIT)
def living_connections(n_inputs, n_outputs, indptr, indices, keep):
    """Which of the connections in `keep` lie on a path from an input to an output."""
    n_targets = indptr.shape[0] - 1
    n_hidden = n_targets - n_outputs
    reached = fed(n_inputs, indptr, indices, keep)
    heard = np.zeros(n_hidden, np.bool_)
    living = np.zeros(indices.shape[0], np.bool_)
    for t in range(n_targets - 1, -1, -1):
        if t >= n_hidden or heard[t]:
            for j in range(indptr[t], indptr[t + 1]):
                s = indices[j]
                if keep[j] and (s < n_inputs or reached[s - n_inputs]):
                    living[j] = True
                    if s >= n_inputs:
                        heard[s - n_inputs] = True
    return living


@njit(**_JIT)
def essential_connections(n_inputs, n_outputs, indptr, indices, strength):
    """A small set of connections through which every output is reached from an input.

    Output by output: the path with the fewest connections not in the set already and, among
    those, the strongest weakest link. Empty where an output can't be reached at all.
    """
    n_targets = indptr.shape[0] - 1
    n_hidden = n_targets - n_outputs
    chosen = np.zeros(indices.shape[0], np.bool_)
    cost = np.empty(n_targets, np.int64)
    link = np.empty(n_targets, strength.dtype)
    via = np.empty(n_targets, np.int64)
    for k in range(n_outputs):
        for t in range(n_hidden + k + 1):
            if n_hidden <= t < n_hidden + k:
                continue
            cost[t], link[t], via[t] = n_targets + 1, -1, -1
            for j in range(indptr[t], indptr[t + 1]):
                s = indices[j]
                before = 0 if s < n_inputs else cost[s - n_inputs]
                weakest = strength[j] if s < n_inputs else min(strength[j], link[s - n_inputs])
                price = before + (0 if chosen[j] else 1)
                if price < cost[t] or (price == cost[t] and weakest > link[t]):
                    cost[t], link[t], via[t] = price, weakest, j
        t = n_hidden + k
        if cost[t] > n_targets:
            return np.zeros(indices.shape[0], np.bool_)
        while True:
            j = via[t]
            chosen[j] = True
            if indices[j] < n_inputs:
                break
            t = indices[j] - n_inputs
    return chosen
