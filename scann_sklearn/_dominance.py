"""Which of several choices no other one beats."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np


def non_dominated(cost: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Find the points that no other point dominates.

    One dominates another if it is at least as good in both and better in one of them. Equal points
    don't dominate each other.

    Parameters
    ----------
    cost : ndarray of shape (n_points,)
        What each costs: less is better. Not NaN.
    score : ndarray of shape (n_points,)
        How good each is: more is better. Not NaN.

    Returns
    -------
    indices : ndarray of int of shape (n_front,)
        From the cheapest and worst to the dearest and best; equal points in their order.
    """
    front: list[int] = []
    # From cheap to dear, among equally cheap ones the best first: a point is on the front if it is
    # better than every one before it, or the equal of the last that was.
    for i in np.lexsort((-score, cost)):
        last = front[-1] if front else None
        if (
            last is None
            or score[i] > score[last]
            or (score[i] == score[last] and cost[i] == cost[last])
        ):
            front.append(int(i))
    return np.asarray(front, dtype=np.intp)


def hypervolume(cost: np.ndarray, score: np.ndarray, most_cost: float, least_score: float) -> float:
    """Area that some points dominate, up to a reference.

    Parameters
    ----------
    cost : ndarray of shape (n_points,)
        What each costs: less is better. Not NaN.
    score : ndarray of shape (n_points,)
        How good each is: more is better. Not NaN.
    most_cost, least_score : float
        The reference: points that are not better in both add nothing.

    Returns
    -------
    area : float
        In units of the cost times units of the score.
    """
    better = (cost < most_cost) & (score > least_score)
    cost, score = cost[better], score[better]
    front = non_dominated(cost, score)
    if not len(front):
        return 0.0
    widths = np.diff(cost[front], append=most_cost)
    return float(widths @ (score[front] - least_score))
