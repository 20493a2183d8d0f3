"""The comparison of searches in small: equal fits, what is recorded of them, and the tables."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest

from benchmarks import _data
from benchmarks.searches import __main__ as searches, _samplers, _space, images, tables
from tests._optional import is_here, need

N_FITS = 5
HERE = [name for name in _samplers.SAMPLERS if name not in _samplers.OPTUNA or is_here("optuna")]


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    folder = tmp_path_factory.mktemp("searches")
    return searches.run(["digits"], [0], HERE, N_FITS, {}, 1, quick=True, folder=folder)


def test_searches_have_equal_numbers_of_fits(quick):
    assert [key[2] for key in quick.found] == HERE
    for record in quick:
        # candidates of halving are so many that all their fits are at most as many
        expected = sum((3, 1)) if record["sampler"] == "halving" else N_FITS
        assert len(record["points"]) == expected
        seconds, sizes, *accuracies = np.array(record["points"]).T
        assert (np.diff(seconds) > 0).all()
        assert (sizes > 0).all()
        assert np.min(accuracies) >= 0
        assert np.max(accuracies) <= 1
        assert tuple(record["reference"]) == (_space.reference(_data.load("digits", 0)))


def test_a_second_run_does_nothing(quick):
    before = quick.path.read_text()
    searches.run(["digits"], [0], HERE, N_FITS, {}, 1, quick=True, folder=quick.path.parent)
    assert quick.path.read_text() == before


def test_tables_are_of_the_points(quick):
    for measure in (tables.by_fits, tables.by_time, tables.on_test):
        headings, rows = tables.table(list(quick), measure)
        assert headings[2:] == [tables.LABELS[name] for name in tables.LABELS if name in HERE]
        assert rows[0][:2] == ["digits", 1]
        assert rows[-1][0] == "STEERAGE above"
    record = {"reference": [1000, 0.1], "points": [[1.0, 100, 0.5, 0.4], [2.0, 10, 0.3, 0.2]]}
    assert tables.area(record) == pytest.approx(1 * 0.4 + 1 * 0.2)
    assert tables.area(record, seconds=1.5) == pytest.approx(0.4)
    assert tables.area(record, column=3) == pytest.approx(0.3 + 0.1)
    assert tables.area(record, seconds=0.5) == 0
    assert tables.area(record, least=100) == pytest.approx(0.4), "no credit for fewer"


def found(ours, other):
    """Areas of two searches, one value for each seed, on one data set."""
    return {"digits": {"steerage": np.array(ours), "tpe": np.array(other)}}


def test_what_counts_as_above_and_as_level():
    assert tables.above(found([1.0, 1.2], [0.9, 1.2]), "tpe") == 1
    assert tables.above(found([1.0, 1.2], [1.0, 1.2]), "tpe") == 0
    assert tables.level(found([1.0, 1.2], [1.0, 1.2]), ["tpe"]) == 1
    below_by_chance, below = [1.0, 1.0, 1.0], [1.0, 1.0, 1.01]
    assert tables.level(found(below_by_chance, [0.9, 1.1, 1.05]), ["tpe"]) == 1
    assert tables.level(found(below, [1.1, 1.1, 1.1]), ["tpe"]) == 0


def test_no_network_counts_as_smaller_than_the_other_searches_can_find():
    cell = {name: {"points": [[1.0, n, 0.5, 0.5]]} for name, n in (("steerage", 5), ("tpe", 20))}
    assert tables.fewest([cell]) == 20


def test_a_seed_counts_when_all_searches_have_it():
    def record(seed, sampler):
        points = [[1.0, 10, 0.5 + 0.1 * seed, 0.5]]
        row = {"data": "digits", "seed": seed, "sampler": sampler, "points": points}
        return row | {"reference": [1000, 0.1]}

    keys = [(0, "random"), (0, "steerage"), (1, "random")]
    areas = tables.areas([record(*key) for key in keys], tables.by_fits)
    assert {name: len(own) for name, own in areas["digits"].items()} == {"random": 1, "steerage": 1}


@pytest.mark.parametrize(("n_fits", "expected"), [(1, (1, 1)), (40, (27, 4)), (12, (8, 3))])
def test_rounds_of_halving(n_fits, expected):
    assert _samplers.rounds_of_halving(n_fits) == expected


def test_optuna_chooses_from_the_same_space():
    need("optuna")
    import optuna

    branches = _space.space(_data.load("digits", 0))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(20):
        params = _samplers.suggested(study.ask(), branches)
        (branch,) = [branch for branch in branches if set(branch) == set(params)]
        assert all(value in branch[name] for name, value in params.items())


def test_without_optuna_its_searches_are_left_out(monkeypatch, capsys):
    monkeypatch.setattr(searches, "find_spec", lambda name: None)
    assert searches.available(_samplers.SAMPLERS) == ["random", "halving", "steerage"]
    assert "tpe is skipped: Optuna is not installed" in capsys.readouterr().out


def test_of_candidates_for_images_the_best_and_the_smallest_are_chosen():
    costs, errors = [9000, 4000, 5000, 2000, 1000], np.array([0.02, 0.02, 0.021, 0.0213, 0.03])
    # a standard error of 2 % of 10 000 images is 0.14 points
    assert images.choose(costs, errors, 10_000) == [1, 3]
    assert images.choose(costs, np.array([np.nan, 0.5, 0.4, np.nan, 0.5]), 10_000) == [2, 2]


@pytest.mark.slow
def test_candidates_for_images_are_searched_and_trained(mnist, tmp_path):
    records = images.run([0], 5, 1, tmp_path, quick=True)
    found = records["mnist", 0, images.SEARCH]
    assert len(found["points"]) == 5
    for choice, params in images.trained(found).items():
        record = records["mnist", 0, choice]
        assert {**record, **params} == record
        assert record["connections"] <= record["n_connections"] <= images.MOST
    before = records.path.read_text()
    images.run([0], 5, 1, tmp_path, quick=True)
    assert records.path.read_text() == before
