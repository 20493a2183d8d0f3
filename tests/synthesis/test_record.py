"""The frontier keeps what nothing dominates."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import itertools
from types import SimpleNamespace

from hypothesis import given, strategies as st

from scann_sklearn.synthesis._record import Checkpoint, Frontier

POINTS = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.one_of(st.sampled_from([0.0, 0.5, 0.9, 1.0]), st.floats(-10, 10)),
    ),
    max_size=40,
)


def checkpoint(n_connections, score):
    return Checkpoint(SimpleNamespace(n_connections=n_connections), score)


def dominates(a, b):
    """At least as good in both, and better in one."""
    return (
        a.n_connections <= b.n_connections
        and a.score >= b.score
        and (a.n_connections, a.score) != (b.n_connections, b.score)
    )


@given(POINTS)
def test_the_frontier_of_any_points(points):
    frontier, added = Frontier(), [checkpoint(*point) for point in points]
    for point in added:
        taken = frontier.add(point)
        assert taken == any(kept is point for kept in frontier)
    kept = list(frontier)
    assert len(frontier) == len(kept)
    assert not any(dominates(a, b) for a in kept for b in kept)
    for point in added:
        assert any(a.n_connections <= point.n_connections and a.score >= point.score for a in kept)
    # the same as by looking at all points at once
    best = {(p.n_connections, p.score) for p in added if not any(dominates(a, p) for a in added)}
    assert [(p.n_connections, p.score) for p in kept] == sorted(best)
    # ascending in both
    for a, b in itertools.pairwise(kept):
        assert a.n_connections < b.n_connections
        assert a.score < b.score
    assert frontier.best_score == max((p.score for p in added), default=float("-inf"))


def test_the_first_of_equals_stays():
    frontier, first = Frontier(), checkpoint(5, 0.5)
    assert frontier.add(first)
    assert not frontier.add(checkpoint(5, 0.5))
    assert list(frontier) == [first]
