"""What a pruning keeps, by sorting everything and walking through everything."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network import _walks


class PlainSelection:
    """Same as `Selection`, written down plainly."""

    def __init__(self, graph, score, bound):
        self.graph, self.score, self.bound = graph, score, bound
        self.ranking = np.argsort(-score, kind="stable")
        self.essential = np.zeros(len(score), dtype=bool)
        self.n_head = 0

    def kept(self, n_head=None):
        keep = self.essential.copy()
        keep[self.ranking[: self.n_head if n_head is None else n_head]] = True
        return keep

    def living(self, keep):
        return _walks.living_connections(*self.graph, keep)

    def fill(self):
        for _ in range(50):
            self.bisect()
            living = self.living(self.kept())
            if self.n_head == len(self.ranking) or living.sum() >= 0.95 * self.bound:
                return
            way = way_through(*self.graph, self.score, living, self.ranking[self.n_head])
            if way.sum() <= self.bound:
                self.essential |= way
            else:
                self.ranking = np.delete(self.ranking, self.n_head)
        self.bisect()

    def bisect(self):
        sizes = [self.living(self.kept(n)).sum() for n in range(len(self.ranking) + 1)]
        self.n_head = max([n for n, size in enumerate(sizes) if size <= self.bound], default=0)

    def reaches_outputs(self):
        n_inputs, n_outputs, *csr = self.graph
        return _walks.fed(n_inputs, *csr, self.kept())[-n_outputs:].all()

    def reach_outputs(self):
        """Whether every output can be reached."""
        self.ranking = np.argsort(-self.score, kind="stable")
        self.essential = essential_connections(*self.graph, self.score)
        return 0 < self.essential.sum() <= self.bound


def ways_in(n_inputs, indptr, indices, strength, chosen):
    """Cheapest way into each target: price, weakest connection, last connection."""
    n_targets = len(indptr) - 1
    cost, link, via = [n_targets + 2] * n_targets, [-1.0] * n_targets, [-1] * n_targets
    for t in range(n_targets):
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j] - n_inputs
            price = (0 if s < 0 else cost[s]) + (not chosen[j])
            weakest = strength[j] if s < 0 else min(strength[j], link[s])
            if price < cost[t] or (price == cost[t] and weakest > link[t]):
                cost[t], link[t], via[t] = price, weakest, j
    return cost, via


def choose_way_in(n_inputs, indices, via, t, chosen):
    while t >= 0:
        chosen[via[t]] = True
        t = indices[via[t]] - n_inputs


def essential_connections(n_inputs, n_outputs, indptr, indices, strength):
    n_targets = len(indptr) - 1
    chosen = np.zeros(len(indices), dtype=bool)
    for t in range(n_targets - n_outputs, n_targets):
        cost, via = ways_in(n_inputs, indptr, indices, strength, chosen)
        if cost[t] > n_targets:
            return np.zeros(len(indices), dtype=bool)
        choose_way_in(n_inputs, indices, via, t, chosen)
    return chosen


def way_through(n_inputs, n_outputs, indptr, indices, strength, chosen, through):
    n_targets = len(indptr) - 1
    n_hidden = n_targets - n_outputs
    chosen = chosen.copy()
    targets = np.repeat(np.arange(n_targets), np.diff(indptr))
    _, via = ways_in(n_inputs, indptr, indices, strength, chosen)
    choose_way_in(n_inputs, indices, via, indices[through] - n_inputs, chosen)
    chosen[through] = True
    cost = [n_targets + 1] * n_hidden + [0] * n_outputs
    link = [-1.0] * n_hidden + [np.inf] * n_outputs
    for t in range(n_targets - 1, -1, -1):
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j] - n_inputs
            if s < 0:
                continue
            price, weakest = cost[t] + (not chosen[j]), min(strength[j], link[t])
            if price < cost[s] or (price == cost[s] and weakest > link[s]):
                cost[s], link[s], via[s] = price, weakest, j
    target = targets[through]
    while target < n_hidden:
        chosen[via[target]] = True
        target = targets[via[target]]
    return chosen
