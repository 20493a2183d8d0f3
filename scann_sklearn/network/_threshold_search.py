"""Compiled search for the thresholds of early exits: every combination that can be worth it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._compile import kernel

_BUFFER = 2**16  # points between two reductions to those that nothing dominates


@kernel(fastmath=False)
def undominated(energy, score, keys, n) -> int:
    """Sort the points ahead of n by energy, and keep those that score more than all cheaper ones.

    Returns how many are kept; they are moved to the front.
    """
    order = np.argsort(energy[:n], kind="mergesort")
    found_energy, found_score = energy[:n][order], score[:n][order]
    found_keys = keys[:n][order]
    kept = 0
    i = 0
    while i < n:
        best = i  # of those of the same energy
        while i < n and found_energy[i] == found_energy[best]:
            if found_score[i] > found_score[best]:
                best = i
            i += 1
        if kept == 0 or found_score[best] > score[kept - 1]:
            energy[kept], score[kept] = found_energy[best], found_score[best]
            keys[kept] = found_keys[best]
            kept += 1
    return kept


@kernel(fastmath=False)
def _is_dominated(energy, score, n, at_least, at_most) -> bool:
    """Whether one of n sorted points costs at most so much and scores at least so much."""
    place = np.searchsorted(energy[:n], at_least, side="right")
    return place > 0 and score[place - 1] >= at_most


@kernel(fastmath=False)
def _leave(bins, right, hope, weight, left, k, rest) -> tuple[int, float, float, float, float]:
    """Let samples leave an exit with its candidate k; `rest` receives the others.

    Returns their number; weight and score of those that go; weight of the others, and what these
    may still score at most.
    """
    m = 0
    gone, scored, further, hoped = 0.0, 0.0, 0.0, 0.0
    for i in left:
        if bins[i] <= k:
            gone += weight[i]
            scored += right[i]
        else:
            rest[m] = i
            m += 1
            further += weight[i]
            hoped += hope[i]
    return m, gone, scored, further, hoped


@kernel(fastmath=False)
def _add_points(
    bins, right, otherwise, weight, left, cost, otherwise_cost, chosen, points, n_sorted, n_points
) -> int:
    """Add a point for each candidate of the last free exit; return how many there are then.

    `points` has energies, scores and choices of all points, two arrays to work in, and the energy
    and score of the samples that have left before. `cost` is what a sample spends at this exit,
    `otherwise_cost` what it spends at the last.
    """
    energy, score, keys, goes, gains, before = points
    goes[:], gains[:] = 0, 0
    total, scored = 0.0, before[1]
    for i in left:
        goes[bins[i]] += weight[i]
        gains[bins[i]] += right[i] - otherwise[i]
        total += weight[i]
        scored += otherwise[i]
    gone, gained = 0.0, 0.0
    for k in range(goes.shape[0] - 1):
        gone += goes[k]
        gained += gains[k]
        e = before[0] + gone * cost + (total - gone) * otherwise_cost
        s = scored + gained
        if not _is_dominated(energy, score, n_sorted, e, s):
            energy[n_points], score[n_points] = e, s
            keys[n_points] = chosen
            keys[n_points, chosen.shape[0] - 1] = k
            n_points += 1
    return n_points


@kernel(fastmath=False)
def search(bins, sizes, right, hope, weight, cost) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Undominated combinations of one candidate for each exit but the last.

    Parameters
    ----------
    bins : ndarray of int of shape (n_exits - 1, n_samples)
        The first candidate of each exit with which each sample leaves there; with all later ones
        it does too.
    sizes : ndarray of int of shape (n_exits - 1,)
        Number of candidates of each exit.
    right : ndarray of float of shape (n_exits, n_samples)
        What each sample that leaves at an exit adds to the score.
    hope : ndarray of float of shape (n_exits, n_samples)
        The most that it may add there or later.
    weight : ndarray of shape (n_samples,)
        What each sample counts.
    cost : ndarray of shape (n_exits,)
        Energy of leaving at each exit, ascending.

    Returns
    -------
    energy, score : ndarray of shape (n_points,)
        Sums over the samples, both ascending.
    chosen : ndarray of int of shape (n_points, n_exits - 1)
        Candidate of each exit.
    """
    n_free, n_samples = bins.shape
    last = n_free - 1
    most = sizes[last]
    room = _BUFFER + most
    energy, score = np.empty(room), np.empty(room)
    keys = np.empty((room, n_free), np.int64)
    n_points, n_sorted = 0, 0
    # samples that are left at each exit, what has been spent and scored ahead of it
    left = np.empty((n_free, n_samples), np.int64)
    left[0] = np.arange(n_samples)
    n_left = np.zeros(n_free, np.int64)
    n_left[0] = n_samples
    spent, scored = np.zeros(n_free), np.zeros(n_free)
    chosen = np.zeros(n_free, np.int64)
    goes, gains = np.empty(most + 1), np.empty(most + 1)
    d = 0
    while d >= 0:
        if d < last:
            if chosen[d] == sizes[d]:
                d -= 1
                if d >= 0:
                    chosen[d] += 1
                continue
            m, gone, here, further, hoped = _leave(
                bins[d], right[d], hope[d + 1], weight, left[d, : n_left[d]], chosen[d], left[d + 1]
            )
            spent[d + 1] = spent[d] + gone * cost[d]
            scored[d + 1] = scored[d] + here
            n_left[d + 1] = m
            lowest = spent[d + 1] + further * cost[d + 1]
            if _is_dominated(energy, score, n_sorted, lowest, scored[d + 1] + hoped):
                chosen[d] += 1
            else:
                d += 1
                chosen[d] = 0
            continue
        # the last free exit: all its candidates at once
        before = (spent[last], scored[last])
        n_points = _add_points(
            bins[last], right[last], right[last + 1], weight, left[last, : n_left[last]],
            cost[last], cost[last + 1], chosen, (energy, score, keys, goes, gains, before),
            n_sorted, n_points,
        )  # fmt: skip
        if n_points >= min(_BUFFER, 2 * n_sorted + 64) or n_points + most > len(energy):
            n_points = undominated(energy, score, keys, n_points)
            n_sorted = n_points
            if n_points + most > len(energy):  # the front is larger than that
                energy = np.append(energy, np.empty(n_points + most))
                score = np.append(score, np.empty(n_points + most))
                keys = np.concatenate((keys, np.empty((n_points + most, n_free), np.int64)))
        d -= 1
        if d >= 0:
            chosen[d] += 1
    n_points = undominated(energy, score, keys, n_points)
    return energy[:n_points], score[:n_points], keys[:n_points]
