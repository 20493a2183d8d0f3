"""Compiled walks over the connections: levels, life, and the paths that pruning has to keep."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._compile import kernel


@kernel(fastmath=False)
def used_inputs(n_inputs, indices) -> np.ndarray:
    """Inputs that are connected, ascending."""
    seen = np.zeros(n_inputs, np.bool_)
    for j in range(indices.shape[0]):
        if indices[j] < n_inputs:
            seen[indices[j]] = True
    return np.flatnonzero(seen)


@kernel(fastmath=False)
def levels(n_inputs, indptr, indices) -> np.ndarray:
    """Length of the longest path into each target."""
    level = np.zeros(indptr.shape[0] - 1, np.int64)
    for t in range(level.shape[0]):
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j] - n_inputs
            level[t] = max(level[t], 1 if s < 0 else level[s] + 1)
    return level


@kernel(fastmath=False)
def fed(n_inputs, indptr, indices, keep) -> np.ndarray:
    """Which targets are reached from an input through the connections in `keep`."""
    reached = np.zeros(indptr.shape[0] - 1, np.bool_)
    for t in range(reached.shape[0]):
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j] - n_inputs
            if keep[j] and (s < 0 or reached[s]):
                reached[t] = True
                break
    return reached


@kernel(fastmath=False)
def living_connections(n_inputs, n_outputs, indptr, indices, keep) -> np.ndarray:
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


@kernel(fastmath=False)
def _cheapest_ways_in(
    n_inputs, indptr, indices, strength, chosen, first, last, cost, link, via
) -> None:
    """Cheapest way from an input to each target in [first, last): its price, weakest link, end.

    The price is the number of connections that are not chosen already; among equals the strongest
    weakest link wins.
    """
    unreachable = indptr.shape[0] + 1
    for t in range(first, last):
        cost[t], link[t], via[t] = unreachable, -1, -1
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j] - n_inputs
            price = (0 if s < 0 else cost[s]) + (0 if chosen[j] else 1)
            weakest = strength[j] if s < 0 else min(strength[j], link[s])
            if price < cost[t] or (price == cost[t] and weakest > link[t]):
                cost[t], link[t], via[t] = price, weakest, j


@kernel(fastmath=False)
def _choose_way_in(n_inputs, indices, via, t, chosen) -> bool:
    """Choose the connections of the cheapest way to a target.

    Returns whether there were others to choose than the last one.
    """
    more, j = False, via[t]
    chosen[j] = True
    while indices[j] >= n_inputs:
        j = via[indices[j] - n_inputs]
        more = more or not chosen[j]
        chosen[j] = True
    return more


@kernel(fastmath=False)
def essential_connections(n_inputs, n_outputs, indptr, indices, strength) -> np.ndarray:
    """A small set of connections through which every output is reached from an input.

    Output by output the cheapest way, given those of the outputs before. Empty where an output
    can't be reached at all.
    """
    n_targets = indptr.shape[0] - 1
    n_hidden = n_targets - n_outputs
    chosen = np.zeros(indices.shape[0], np.bool_)
    cost, via = np.empty(n_targets, np.int64), np.empty(n_targets, np.int64)
    link = np.empty(n_targets, strength.dtype)
    graph = (n_inputs, indptr, indices, strength, chosen)
    changed = True  # something about the ways to hidden neurons
    for t in range(n_hidden, n_targets):
        if changed:
            _cheapest_ways_in(*graph, 0, n_hidden, cost, link, via)
        _cheapest_ways_in(*graph, t, t + 1, cost, link, via)
        if cost[t] > n_targets:
            return np.zeros(indices.shape[0], np.bool_)
        changed = _choose_way_in(n_inputs, indices, via, t, chosen)
    return chosen


@kernel(fastmath=False)
def way_through(n_inputs, n_outputs, indptr, indices, strength, chosen, through) -> np.ndarray:
    """The chosen connections with the cheapest way from an input through one to an output."""
    n_targets = indptr.shape[0] - 1
    n_hidden = n_targets - n_outputs
    chosen = chosen.copy()
    cost, via = np.empty(n_targets, np.int64), np.empty(n_targets, np.int64)
    link = np.empty(n_targets, strength.dtype)
    target = np.searchsorted(indptr, through, side="right") - 1
    source = indices[through] - n_inputs
    if source >= 0:
        graph = (n_inputs, indptr, indices, strength, chosen)
        _cheapest_ways_in(*graph, 0, source + 1, cost, link, via)
        _choose_way_in(n_inputs, indices, via, source, chosen)
    chosen[through] = True
    # from the outputs back: cheapest way out of each hidden neuron behind the target
    cost[:n_hidden] = n_targets + 1
    cost[n_hidden:] = 0
    link[:n_hidden] = -1
    link[n_hidden:] = np.inf
    for t in range(n_targets - 1, target, -1):
        first = indptr[t + 1]  # the hidden sources stand behind the inputs
        while first > indptr[t] and indices[first - 1] >= n_inputs:
            first -= 1
        for j in range(first, indptr[t + 1]):
            s = indices[j] - n_inputs
            price = cost[t] + (0 if chosen[j] else 1)
            weakest = min(strength[j], link[t])
            if price < cost[s] or (price == cost[s] and weakest > link[s]):
                cost[s], link[s], via[s] = price, weakest, j
    while target < n_hidden:
        chosen[via[target]] = True
        target = np.searchsorted(indptr, via[target], side="right") - 1
    return chosen
