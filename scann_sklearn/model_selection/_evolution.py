"""Evolutionary search for candidates that are worth a fit, on predicted score and cost."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from scann_sklearn._dominance import hypervolume, non_dominated
from scann_sklearn.model_selection._space import Point, Space

# Ours, as STEERAGE's are not published.
_POPULATION, _GENERATIONS, _CROSSED = 40, 10, 0.7


def evolve(
    space: Space,
    start: Sequence[Point],
    rate: Callable[[list[Point]], tuple[np.ndarray, np.ndarray]],
    accept: Callable[[Point], bool],
    rng: np.random.Generator,
) -> list[Point]:
    """Breed candidates, keeping those of which few are better in score and cost.

    Parents are chosen by tournaments of two: the better rank wins, and of equal ranks the one with
    more room around it. Children are crossed over and mutated inside the space.

    Parameters
    ----------
    space : Space
        Where candidates are from.
    start : sequence of Point
        Candidates to begin with; the population is filled up at random.
    rate : callable
        Gives log cost and predicted score of candidates.
    accept : callable
        Whether a point can be a candidate.
    rng : Generator
        Draws.

    Returns
    -------
    candidates : list of Point
        All that were bred, each once.
    """
    first = dict.fromkeys(start[:_POPULATION])
    for _ in range(20 * _POPULATION):
        if len(first) >= _POPULATION:
            break
        point = space.draw(rng)
        if accept(point):
            first[point] = None
    population, bred = list(first), dict(first)
    cost, score = rate(population)
    for _ in range(_GENERATIONS):
        children = _children(space, population, *standing(cost, score), accept, rng)
        children = [child for child in children if child not in bred]
        if not children:
            continue
        bred.update(dict.fromkeys(children))
        more_cost, more_score = rate(children)
        population += children
        cost, score = np.append(cost, more_cost), np.append(score, more_score)
        ranks, room = standing(cost, score)
        kept = np.lexsort((-room, ranks))[:_POPULATION]
        population = [population[i] for i in kept]
        cost, score = cost[kept], score[kept]
    return list(bred)


def _children(space, population, ranks, room, accept, rng) -> list[Point]:
    def parent() -> Point:
        a, b = rng.integers(len(population), size=2)
        return population[a if (ranks[a], -room[a]) <= (ranks[b], -room[b]) else b]

    children = []
    for _ in range(_POPULATION):
        child = parent()
        if rng.random() < _CROSSED:
            child = space.cross(child, parent(), rng)
        child = space.mutate(child, rng)
        if accept(child):
            children.append(child)
    return children


def standing(cost: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rank of each point by fronts, from 0 for those that none beats, and the room around it."""
    ranks, room = np.zeros(len(cost), dtype=int), np.zeros(len(cost))
    left, rank = np.arange(len(cost)), 0
    while len(left):
        front = left[non_dominated(cost[left], score[left])]
        ranks[front] = rank
        room[front] = np.inf  # the two ends have all the room there is
        for values in (cost[front], score[front]):
            span = np.ptp(values) or 1.0
            room[front[1:-1]] = np.minimum(
                room[front[1:-1]], np.abs(values[2:] - values[:-2]) / span
            )
        left, rank = np.setdiff1d(left, front), rank + 1
    return ranks, room


def choose_batch(
    cost: np.ndarray,
    score: np.ndarray,
    there: tuple[np.ndarray, np.ndarray],
    reference: tuple[float, float],
    n: int,
) -> list[int]:
    """Choose candidates, one after the other, that add the most to what is there.

    Parameters
    ----------
    cost, score : ndarray of shape (n_candidates,)
        Log cost and predicted score.
    there : tuple of ndarray
        Log cost and score of what was fitted.
    reference : tuple of float
        See `hypervolume`.
    n : int
        How many.

    Returns
    -------
    chosen : list of int
        Indices. Where none adds anything, those of the best rank.
    """
    chosen: list[int] = []
    ranks, room = standing(cost, score)
    order = np.lexsort((-room, ranks))
    pool = [int(i) for i in order[: 20 * n]]
    costs, scores = there
    area = hypervolume(costs, scores, *reference)
    while pool and len(chosen) < n:
        gains = [
            hypervolume(np.append(costs, cost[i]), np.append(scores, score[i]), *reference) - area
            for i in pool
        ]
        best = pool.pop(int(np.argmax(gains)))  # of equal gains the first: the best rank
        chosen.append(best)
        costs, scores = np.append(costs, cost[best]), np.append(scores, score[best])
        area = hypervolume(costs, scores, *reference)
    return chosen
