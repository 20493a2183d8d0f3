"""Comparison of frontiers, with numbers that can be checked by hand."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest

from benchmarks.peers import _compare, _figures


def point(connections, validation, test, n_bytes=None):
    return {
        "connections": connections,
        "validation": validation,
        "test": test,
        "bytes": 4 * connections if n_bytes is None else n_bytes,
        "energy": 1e-9,
    }


def record(data, seed, family, *points):
    return {"data": data, "seed": seed, "family": family, "points": list(points)}


FRONTIER = [point(40, 0.8, 0.7), point(90, 0.9, 0.85), point(95, 0.88, 0.99), point(300, 0.9, 0.6)]


@pytest.mark.parametrize(
    ("budget", "test"),
    [
        (40, 0.7),
        (89, 0.7),
        (100, 0.85),  # chosen on validation, though another has the better test accuracy
        (1000, 0.85),  # equally good on validation: the smaller one
    ],
)
def test_value_at(budget, test):
    assert _compare.value_at(FRONTIER, budget) == test


def test_nothing_within_the_budget():
    assert np.isnan(_compare.value_at(FRONTIER, 39))
    assert _compare.chosen_point([point(None, 0.9, 0.9, 10)], 50) is None
    assert _compare.value_at([point(None, 0.9, 0.8, 10)], 10, "bytes") == 0.8


def test_median_over_seeds_counts_a_missing_value_as_the_worst():
    records = [
        record("one", 0, "mlp", point(40, 0.5, 0.5)),
        record("one", 1, "mlp", point(40, 0.7, 0.7)),
        record("one", 2, "mlp", point(60, 0.9, 0.9)),
        record("one", 0, "tree", point(None, 0.9, 0.9, 10)),
    ]
    table = _compare.by_connections(records, (20, 50, 100))
    assert set(table) == {"mlp"}
    np.testing.assert_array_equal(table["mlp"]["one"], [np.nan, 0.5, 0.7])


def test_bytes_of_the_reference_are_the_budget():
    networks = {"one_se": point(40, 0.8, 0.8, 200), "equal": point(90, 0.9, 0.9, 450)}
    records = [
        record("one", 0, "SCANN", *networks.values()) | {"networks": networks},
        record("one", 0, "tree", point(None, 0.7, 0.6, 200), point(None, 0.95, 0.94, 451)),
        record("two", 0, "tree", point(None, 0.7, 0.6, 200)),  # nothing to compare with
    ]
    at_sizes = _compare.by_bytes(records, "SCANN", (50, 100, 10))
    named = _compare.by_bytes_of_networks(records, "SCANN", ("one_se", "equal", "best"))
    for table in (at_sizes, named):
        np.testing.assert_array_equal(table["SCANN"]["one"], [0.8, 0.9, np.nan])
        np.testing.assert_array_equal(table["tree"]["one"], [0.6, 0.6, np.nan])
        assert set(table["tree"]) == {"one"}


# Five data sets, one budget. b is always behind a, by a different margin; c has no value on one.
TABLE = {
    "a": {d: np.array([v]) for d, v in zip("vwxyz", (0.95, 0.90, 0.85, 0.80, 0.75))},
    "b": {d: np.array([v]) for d, v in zip("vwxyz", (0.94, 0.88, 0.82, 0.76, 0.70))},
    "c": {d: np.array([v]) for d, v in zip("vwxyz", (0.96, 0.80, 0.75, 0.70, np.nan))},
}


def test_medians_over_data_sets():
    summary = _compare.medians(TABLE)
    assert summary["a"][0] == pytest.approx([0.85])
    assert summary["c"][0] == pytest.approx([(0.75 + 0.80) / 2])
    assert summary["c"][1] == [4]


def test_wilcoxon():
    tests = _compare.wilcoxon(TABLE, "a")
    (against_b,) = tests["b"]
    assert (against_b["n"], against_b["wins"], against_b["losses"]) == (5, 5, 0)
    assert against_b["median_difference"] == pytest.approx(0.03)
    assert against_b["p_value"] == pytest.approx(2 / 2**5)  # all signs the same, two-sided
    (against_c,) = tests["c"]
    assert (against_c["n"], against_c["wins"], against_c["losses"]) == (4, 3, 1)


def test_wilcoxon_of_ties_only_is_not_a_number():
    table = {"a": TABLE["a"], "same": TABLE["a"]}
    assert np.isnan(_compare.wilcoxon(table, "a")["same"][0]["p_value"])


def test_average_ranks():
    ranks, n_data, p_value = _compare.average_ranks(TABLE)
    # v: c a b; w, x, y: a b c; z: a b, and c without a value is the last
    assert ranks == pytest.approx({"a": 6 / 5, "b": 11 / 5, "c": 13 / 5})
    assert n_data == 5
    chi_squared = 12 * 5 / (3 * 4) * (1.2**2 + 2.2**2 + 2.6**2 - 3 * 4**2 / 4)
    assert p_value == pytest.approx(np.exp(-chi_squared / 2))  # two degrees of freedom


def test_average_ranks_need_a_data_set_that_all_share():
    with pytest.raises(ValueError, match="'a', 'b'"):
        _compare.average_ranks({"a": TABLE["a"], "b": {"other": np.array([0.5])}})


@pytest.mark.parametrize(("k", "q"), [(2, 1.960), (5, 2.728), (10, 3.164)])
def test_critical_difference_is_that_of_the_tables(k, q):
    # q of Demšar (2006), table 5
    expected = q * np.sqrt(k * (k + 1) / (6 * 8))
    assert _compare.critical_difference(k, 8) == pytest.approx(expected, rel=2e-4)


def test_cliques():
    ranks = {"a": 1.0, "b": 1.8, "c": 2.5, "d": 5.0}
    assert _compare.cliques(ranks, 1.0) == [(1.0, 1.8), (1.8, 2.5)]
    assert _compare.cliques(ranks, 2.0) == [(1.0, 2.5)]
    assert _compare.cliques(ranks, 0.1) == []


def test_figures(tmp_path):
    records = [
        record(data, seed, family, *FRONTIER, point(500, 0.99, 0.95))
        for data in ("one", "two")
        for seed in (0, 1)
        for family in ("SCANN", "mlp", "rigl")
    ]
    _figures.frontiers(records, tmp_path / "connections.png")
    _figures.critical_difference({"SCANN": 1.5, "mlp": 2.5, "rigl": 2.0}, 8, tmp_path / "ranks.png")
    for name in ("connections.png", "ranks.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
