"""The space of a search: whatever is done to its points, they stay inside."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import expon, loguniform, norm, randint, uniform
from sklearn.svm import SVC

from scann_sklearn import Conv2d, ConvFrontEnd, MaxPool2d
from scann_sklearn.model_selection._axes import Drawn
from scann_sklearn.model_selection._space import Space, new_points


class Dice:
    """A distribution that can only be drawn from."""

    def rvs(self, random_state):
        return random_state.randint(1, 7)


NAMES = st.sampled_from(["a", "b", "c__d", "e"])
LISTS = st.lists(
    st.one_of(
        st.integers(-5, 5),
        st.floats(-1, 1),
        st.booleans(),
        st.none(),
        st.sampled_from(["pca", "ica"]),
        st.tuples(st.integers(1, 9)),
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
    ),
    min_size=1,
    max_size=5,
)
DISTRIBUTIONS = st.sampled_from(
    [randint(2, 9), randint(3, 4), loguniform(1e-3, 1.0), uniform(-1, 3), norm(), expon(), Dice()]
)
BRANCHES = st.dictionaries(NAMES, st.one_of(LISTS, DISTRIBUTIONS), min_size=1, max_size=4)


def is_inside(branch, params):
    """Whether parameters are those of one dictionary, with values that it allows."""
    if set(params) != set(branch):
        return False
    for name, value in params.items():
        allowed = branch[name]
        if isinstance(allowed, list):
            found = any(value is other or value == other for other in allowed)
        elif isinstance(allowed, Dice):
            found = value in range(1, 7)
        elif hasattr(allowed.dist, "pmf"):
            found = isinstance(value, int) and allowed.pmf(value) > 0
        else:
            low, high = allowed.support()
            found = isinstance(value, float) and low <= value <= high and np.isfinite(value)
        if not found:
            return False
    return True


@settings(max_examples=60, deadline=None)
@given(st.lists(BRANCHES, min_size=1, max_size=3), st.integers(0, 10**6))
def test_samples_children_and_mutants_are_inside(branches, seed):
    space = Space([*branches, {"always": uniform()}])  # lest there should be a single point
    branches = [*branches, {"always": uniform()}]
    rng = np.random.default_rng(seed)
    points = list(islice(space.sample(rng), 70))
    points += [space.draw(rng) for _ in range(10)]
    for a, b in zip(points[:30], points[30:60]):
        child = space.cross(a, b, rng)
        points += [child, space.mutate(child, rng)]
        of_one = a[0] != b[0] or all(g in pair for g, pair in zip(child[1], zip(a[1], b[1])))
        assert child[0] == a[0]
        assert of_one
    for point in points:
        assert is_inside(branches[point[0]], space.params(point))
    rows = space.encode(points)
    assert rows.shape[0] == len(points)
    assert not np.isinf(rows).any()
    same = {point: row.tobytes() for point, row in zip(points, rows)}
    assert all(row.tobytes() == same[point] for point, row in zip(points, rows))


def test_a_first_sample_is_even():
    space = Space({"method": ["pca", "ica", "isomap", "none"], "alpha": loguniform(1e-4, 1.0)})
    params = [space.params(p) for p in islice(space.sample(np.random.default_rng(0)), 64)]
    counts = [sum(p["method"] == m for p in params) for m in ("pca", "ica", "isomap", "none")]
    assert counts == [16, 16, 16, 16]
    decades = np.floor(np.log10([p["alpha"] for p in params]))
    assert np.unique(decades, return_counts=True)[1].tolist() == [16, 16, 16, 16]


def test_dictionaries_are_sampled_alike_and_mutants_reach_all():
    space = Space([{"a": [1, 2]}, {"b": uniform()}])
    rng = np.random.default_rng(0)
    first = [branch for branch, _ in islice(space.sample(rng), 64)]
    assert first.count(0) == first.count(1) == 32
    point = first_point = space.draw(rng)
    reached = set()
    for _ in range(300):
        point = space.mutate(point, rng)
        reached.add(point[0])
    assert reached == {0, 1}
    assert first_point[0] in reached


def test_numbers_are_themselves_and_others_are_ones():
    svc = SVC()
    space = Space([{"n": [1, 0.5, "auto"], "h": [(4,), (3, 2)]}, {"n": [7], "k": [svc, None]}])
    # two dictionaries; h: length, sum and two elements; k: two values; n: number and "auto"
    points = [(0, (0, 0)), (0, (1, 2)), (1, (0, 0)), (1, (1, 0))]
    rows = space.encode(points)
    nan = np.nan
    expected = [
        [1, 0, 1, 4, 4, nan, nan, nan, 1, 0],
        [1, 0, 2, 5, 3, 2, nan, nan, nan, 1],
        [0, 1, nan, nan, nan, nan, 1, 0, 7, 0],
        [0, 1, nan, nan, nan, nan, 0, 1, 7, 0],
    ]
    np.testing.assert_array_equal(rows, expected)
    assert space.params(points[2])["k"] is svc


def test_front_ends_are_their_filters_and_kernels():
    fronts = [
        ConvFrontEnd([Conv2d(6, 5), MaxPool2d(2)]),
        ConvFrontEnd([Conv2d(8, 3), MaxPool2d(2), Conv2d(16, 2)]),
    ]
    rows = Space({"front_end": [*fronts, None]}).encode([(0, (place,)) for place in range(3)])
    nan = np.nan
    # the dictionary; length, sum and elements; None
    expected = [[1, 2, 11, 6, 5, nan, nan, 0], [1, 4, 29, 8, 3, 16, 2, 0], [1, *[nan] * 6, 1]]
    np.testing.assert_array_equal(rows, expected)


def test_neighbours_of_numbers_are_tried_most():
    space = Space({"n": [1, 2, 4, 8, 16, 32, 64, 128]})
    rng = np.random.default_rng(0)
    moves = [space.branches[0][0].moved(3, rng) for _ in range(400)]
    assert 3 not in moves
    assert sum(abs(move - 3) == 1 for move in moves) > 200


def test_steps_of_a_distribution_are_small_in_probability():
    axis = Drawn("alpha", loguniform(1e-4, 1.0))
    rng = np.random.default_rng(0)
    moved = np.log10([axis.moved(1e-2, rng) for _ in range(400)])
    assert np.median(np.abs(moved + 2)) < 1
    assert moved.min() < -3
    assert moved.max() > -1


def test_points_run_out():
    space = Space({"a": [1, 2, 3]})
    rng = np.random.default_rng(0)
    found = new_points(space.sample(rng), {(0, (0,))}, 5, lambda point: True)
    assert sorted(found) == [(0, (1,)), (0, (2,))]
    assert new_points(space.sample(rng), set(), 2, lambda point: False) == []


def test_doubles_of_a_list_are_one_value():
    assert Space({"a": [1, 1, 1.0, True, "1", 2]}).n_points == 5
    with pytest.raises(ValueError, match="one point only"):
        Space({"a": ["x", "x"]})


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"a": []}, ValueError, r"no value for 'a': got \[\]"),
        ([{"a": [1, 2]}, {"b": []}], ValueError, r"no value for 'b': got \[\]"),
        ({"a": [1]}, ValueError, r"\{'a': \[1\]\} has one point only"),
        ({}, ValueError, "one point only"),
        ([], ValueError, "no point"),
        ({"a": "pca"}, TypeError, "list of values or a distribution for 'a', got 'pca'"),
        ({"a": 3}, TypeError, "for 'a', got 3"),
        ({"a": [[1], [2]], 3: [1, 2]}, TypeError, "names of parameters, got 3"),
        ({"a": np.ones((2, 2))}, TypeError, "for 'a', got array"),
        ("abc", TypeError, "list of dictionaries, got 'abc'"),
        ([{"a": [1, 2]}, ["b"]], TypeError, r"must hold dictionaries, got \['b'\]"),
    ],
)
def test_bad_spaces(given, error, message):
    with pytest.raises(error, match=message):
        Space(given)


def test_a_distribution_that_gives_nothing_finite():
    class Bad:
        def rvs(self, random_state):
            return 0.0

        def cdf(self, x):
            return 0.5

        def ppf(self, share):
            return np.nan

    space = Space({"a": Bad()})
    with pytest.raises(ValueError, match="distribution of 'a' gives nan"):
        space.draw(np.random.default_rng(0))
