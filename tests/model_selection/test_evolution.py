"""Evolution on a predictor: fronts, areas, and whether it finds what there is to find."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import uniform

from scann_sklearn._dominance import hypervolume, non_dominated
from scann_sklearn.model_selection._evolution import choose_batch, evolve, standing
from scann_sklearn.model_selection._predictor import BoostedEnsemble, rank_correlation
from scann_sklearn.model_selection._space import Space

WHOLE = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12)


@given(WHOLE, st.integers(0, 10), st.integers(-1, 9))
def test_the_area_is_that_of_unit_squares(points, most, least):
    cost, score = np.array(points, float).T
    squares = {
        (x, y)
        for c, s in points
        for x in range(c, most)
        for y in range(least, s)
    }  # fmt: skip
    assert hypervolume(cost, score, most, least) == len(squares)


@given(WHOLE)
def test_ranks_are_fronts_of_what_is_left(points):
    cost, score = np.array(points, float).T
    ranks, room = standing(cost, score)
    left = np.arange(len(points))
    for rank in range(ranks.max() + 1):
        front = left[non_dominated(cost[left], score[left])]
        assert set(np.flatnonzero(ranks == rank)) == set(front)
        assert np.isinf(room[front[[0, -1]]]).all()
        left = np.setdiff1d(left, front)
    assert not len(left)
    assert (room >= 0).all()


@given(WHOLE, st.integers(1, 4))
def test_a_batch_begins_with_what_adds_most(points, n):
    cost, score = np.array(points, float).T
    nothing = np.array([])
    chosen = choose_batch(cost, score, (nothing, nothing), (10.0, -1.0), n)
    assert len(chosen) == len(set(chosen)) == min(n, len(points))
    areas = [hypervolume(cost[[i]], score[[i]], 10.0, -1.0) for i in range(len(points))]
    assert areas[chosen[0]] == max(areas)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10**6))
def test_evolution_comes_nearer_than_chance(seed):
    """The front is at b = c = d = 0.3; what is asked for is a large area below it."""
    space = Space({name: uniform() for name in "abcd"})

    def rate(points):
        genes = np.array([genes for _, genes in points])
        return genes[:, 0], genes[:, 0] - np.abs(genes[:, 1:] - 0.3).sum(axis=1)

    rng = np.random.default_rng(seed)
    bred = evolve(space, [], rate, lambda point: point[1][0] > 0.01, rng)
    assert len(bred) == len(set(bred))
    assert all(genes[0] > 0.01 for _, genes in bred)
    drawn = [space.draw(rng) for _ in bred]
    area, by_chance = (hypervolume(*rate(points), 1.0, -1.5) for points in (bred, drawn))
    assert area > by_chance


def test_trees_learn_and_know_where_they_don_t():
    rng = np.random.default_rng(0)
    X = rng.random((40, 3))
    X[:, 2] = np.nan  # a parameter that no candidate had
    y = X[:, 0]
    ensemble = BoostedEnsemble(random_state=0).fit(X, y)
    new = rng.random((50, 3))
    assert rank_correlation(ensemble.predict(new), new[:, 0]) > 0.9
    again = BoostedEnsemble(random_state=0).fit(X, y)
    np.testing.assert_array_equal(again.predict(new), ensemble.predict(new))
    noisy = BoostedEnsemble(random_state=0).fit(X, rng.random(40))
    assert noisy.predict_with_spread(new)[1].mean() > ensemble.predict_with_spread(new)[1].mean()


@pytest.mark.parametrize(
    ("predicted", "measured", "expected"),
    [
        ([1, 2, 3], [10, 30, 20], 0.5),
        ([1, 2, 3, np.nan], [3, 2, 1, 9], -1),
        ([1, 2], [1, 2], np.nan),
        ([1, 1, 1], [1, 2, 3], np.nan),
        ([1, 2, 3], [np.nan, 2, 3], np.nan),
    ],
)
def test_rank_correlations(predicted, measured, expected):
    found = rank_correlation(np.array(predicted, float), np.array(measured, float))
    assert found == pytest.approx(expected, nan_ok=True)
