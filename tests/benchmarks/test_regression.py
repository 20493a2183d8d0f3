"""The benchmark of regressors: everything in small, and the arithmetic of what is reached."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import r2_score

from benchmarks import _data
from benchmarks._records import Records
from benchmarks.regression import __main__ as command, _others, _reach, _scann, _sets, tables
from benchmarks.regression._figure import regression_figure
from benchmarks.regression._points import front, point, standard_error
from tests._optional import no_data

ROOT = Path(__file__).parents[2]
SIZES = {"tree": "nodes", "boosting": "nodes"}


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """Folder with the records of the benchmark in small, run as a user would."""
    folder = tmp_path_factory.mktemp("regression")
    words = [sys.executable, "-m", "benchmarks.regression", "--quick", "--into", str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "diabetes, seed 0, scann: " in done.stdout
    return folder


def read(folder):
    return {r["family"]: r for r in Records("regression", command.FIELDS, folder)}


def test_every_family_leaves_a_record(quick):
    records = read(quick)
    assert set(records) == set(command.FAMILIES)
    for family, record in records.items():
        assert (record["data"], record["seed"]) == ("diabetes", 0)
        assert (record["sha256"], record["n_training"]) == (_sets.digest("diabetes"), 266)
        for p in record.get("points", ()):
            assert p[SIZES.get(family, "connections")] > 0
        if family != "time":
            assert _reach.best_by_validation(record)["validation"] > 0.3, family
    lines = map(json.loads, (quick / "regression.jsonl").read_text().splitlines())
    assert "environment" in next(lines)


def test_second_run_does_nothing(quick):
    before = (quick / "regression.jsonl").read_text()
    names = list(command.FAMILIES)
    records = command.run(["diabetes"], [0], names, n_jobs=1, quick=True, folder=quick)
    assert len(records.found) == len(names)
    assert (quick / "regression.jsonl").read_text() == before


def test_tables_and_figure_of_the_records(quick, tmp_path, monkeypatch):
    records = list(read(quick).values())
    monkeypatch.setattr(tables, "records", lambda: records)
    for table in (
        tables.regression_reach,
        tables.regression_compression,
        tables.regression_best,
        tables.regression_time,
    ):
        headings, rows = table()
        assert rows
        assert {len(row) for row in rows} == {len(headings)}
    regression_figure(tmp_path / "figure.png", records)
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


# ---------------------------------------------------------------------------------- what is reached


def some(connections, validation, test=0.5):
    return {"connections": connections, "validation": validation, "test": test}


def mlp(*points, error, **key):
    return {"family": "mlp", "points": list(points), "standard_error": error, **key}


def ours(*points, **key):
    return {"family": "scann", "points": list(points), **key}


def test_smallest_within_one_standard_error_of_the_best_perceptron():
    peer = mlp(some(20, 0.80), some(400, 0.89), some(6000, 0.90), some(900, 0.90), error=0.01)
    found = _reach.compression(peer, ours(some(5, 0.70), some(40, 0.89), some(80, 0.95), error=0))
    assert [found[k]["connections"] for k in ("best", "smallest", "ours")] == [900, 400, 40]
    assert found["floor"] == pytest.approx(0.89)
    assert (found["by_best"], found["by_smallest"]) == (22.5, 10)


def test_no_network_that_is_as_good_counts_as_no_compression():
    found = _reach.compression(mlp(some(20, 0.8), error=0.1), ours(some(2, 0.69)))
    assert found["ours"] is None
    assert (found["by_best"], found["by_smallest"]) == (0, 0)


def test_median_over_data_sets_of_the_median_over_seeds():
    records = []
    for name, sizes in {"a": (100, 200, 9000), "b": (30, 30, 30), "c": (4000, 40, 400)}.items():
        for seed, size in enumerate(sizes):
            key = {"data": name, "seed": seed}
            # of each the smallest perceptron is a third of the best
            peers = some(size // 3, 0.7), some(size, 0.75)
            records += [mlp(*peers, error=0.1, **key), ours(some(10, 0.7), **key)]
            records.append({"family": "time", "ratio": seed + 1.0, **key})
    best, smallest, time = _reach.reach(records)
    assert best["seen"] == 20  # medians of the data sets: 20, 3, 40
    assert (best["lowest"], best["highest"], best["all"]) == (3, 40, (3, 900))
    assert best["is_met"]
    assert (smallest["seen"], smallest["is_met"]) == (6.6, True)
    assert (time["seen"], time["is_met"]) == (2.0, True)
    assert not _reach.reach([r for r in records if r["data"] == "b"])[0]["is_met"]


def test_difference_on_test_data():
    records = []
    for name, values in {"a": (0.5, 0.6, 0.9), "b": (0.45, 0.4, 0.3)}.items():
        for seed, test in enumerate(values):
            key = {"data": name, "seed": seed}
            peers = some(20, 0.8, test=0.4), some(40, 0.85, test=0.5)
            records += [mlp(*peers, error=0.1, **key), ours(some(2, 0.8, test), **key)]
    key = {"data": "a", "seed": 9}
    records += [mlp(some(20, 0.8), error=0, **key), ours(some(2, 0.7), **key)]  # not as good
    found = _reach.differences(records, "best")
    assert found["seen"] == pytest.approx(0.0)  # of the data sets: 0.1 and -0.1
    assert (found["lowest"], found["highest"]) == pytest.approx((-0.1, 0.1))
    assert found["all"] == pytest.approx((-0.2, 0.4))
    assert _reach.differences(records, "smallest")["seen"] == pytest.approx(0.1)


def test_seeds_without_both_families_are_left_out():
    key = {"data": "a", "seed": 0}
    assert _reach.cells([ours(some(10, 0.7), **key)]) == {}


def test_front():
    points = [some(9, 0.5), some(3, 0.5), some(3, 0.4), some(5, 0.45), some(8, 0.6)]
    assert front(points) == [some(3, 0.5), some(8, 0.6)]


def test_a_default_fit_is_the_network_that_it_chose():
    record = {"points": [some(3, 0.4), some(9, 0.5)], "chosen": some(3, 0.4)}
    assert _reach.best_by_validation(record) == some(3, 0.4)
    del record["chosen"]
    assert _reach.best_by_validation(record) == some(9, 0.5)


# ------------------------------------------------------------------------------------------ models


@pytest.mark.parametrize("n_targets", [1, 2])
def test_standard_error_of_r2(n_targets):
    rng = np.random.default_rng(0)
    y = rng.normal(size=(400, n_targets)).squeeze()
    predicted = y + 0.5 * rng.normal(size=y.shape)
    error = standard_error(y, predicted, 0)
    # as of as many new samples
    fresh = []
    for _ in range(500):
        truth = rng.normal(size=y.shape)
        fresh.append(r2_score(truth, truth + 0.5 * rng.normal(size=y.shape)))
    assert error == pytest.approx(np.std(fresh), rel=0.3)
    assert error == standard_error(y, predicted, 0)


def drawn(n_targets):
    """Friedman's first problem, with several targets."""
    parts = _sets.load("friedman1", 0)
    several = {
        name: np.column_stack([getattr(parts, name), -(getattr(parts, name) ** 2)])
        for name in ("y_train", "y_val", "y_test")
    }
    return parts._replace(**several) if n_targets == 2 else parts


@pytest.mark.parametrize("n_targets", [1, 2])
@pytest.mark.parametrize("family", ["ridge", "tree", "boosting"])
def test_sizes_of_the_others(family, n_targets):
    (p, *_) = getattr(_others, family)(drawn(n_targets), 0, quick=True)["points"]
    sizes = {"ridge": 10 * n_targets, "tree": 7, "boosting": 7 * 10 * n_targets}
    assert p[SIZES.get(family, "connections")] == sizes[family]


def test_points_of_a_fit_are_networks_of_its_path():
    parts = drawn(2)
    record = _scann.default(parts, 0, quick=True)
    assert record["chosen"] in record["points"]
    assert record["points"] == front(record["points"])


def test_there_are_as_many_settings_as_perceptrons():
    estimators = _scann.settings()
    assert len(estimators) == 21
    assert len({repr(e.get_params()) for e in estimators.values()}) == 21


def test_r2_is_the_mean_of_the_targets():
    parts = drawn(2)
    p = point("mean", lambda X: np.full((len(X), 2), parts.y_test.mean(axis=0)), parts, nodes=1)
    assert p["test"] == 0


def test_committed_records_are_complete():
    found = Records("regression", command.FIELDS)
    everything = product(_sets.TITLES, range(5), command.FAMILIES)
    assert set(found.found) == set(everything)
    assert {r["made_in"] for r in found} <= set(found.environments)
    assert {r["n_fits"] for r in found if r["family"] == "scann"} == {len(_scann.settings())}
    assert {len(r["points"]) for r in found if r["family"] == "mlp"} == {21}


# -------------------------------------------------------------------------------------------- data


@pytest.mark.parametrize("name", ["diabetes", "friedman1", "friedman2", "friedman3"])
def test_split_by_the_seed(name):
    zero, again, one = (_sets.load(name, seed) for seed in (0, 0, 1))
    sizes = [len(y) for y in zero[1:6:2]]
    assert sizes == ([266, 88, 88] if name == "diabetes" else [1200, 400, 400])
    np.testing.assert_array_equal(zero.X_test, again.X_test)
    assert not np.array_equal(zero.y_test, one.y_test)
    assert zero.X_train.dtype == np.float32
    np.testing.assert_allclose(zero.X_train.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(zero.X_train.std(axis=0), 1, atol=1e-5)


@pytest.mark.parametrize("name", list(_sets.FETCHERS))
def test_split_of_the_loader(name):
    try:
        bunch = _sets.FETCHERS[name](download_if_missing=False)
    except OSError:
        no_data(name)
    zero, one = (_sets.load(name, seed) for seed in (0, 1))
    np.testing.assert_array_equal(zero.y_test, bunch.target[bunch.split == "test"])
    np.testing.assert_array_equal(zero.y_val, one.y_val)
    n_training = int((bunch.split == "train").sum())
    assert len(zero.y_train) == min(n_training, _sets.MOST_TRAINING_ROWS)
    assert bool(zero.note) == (n_training > _sets.MOST_TRAINING_ROWS)
    assert np.array_equal(zero.y_train, one.y_train) == (not zero.note)


def test_large_training_sets_are_cut(monkeypatch):
    monkeypatch.setattr(_sets, "MOST_TRAINING_ROWS", 100)
    zero, one = (_sets.load("diabetes", seed) for seed in (0, 1))
    assert (len(zero.y_train), len(zero.y_val), zero.note) == (100, 88, "100 of 266 training rows")
    assert not np.array_equal(zero.X_train, one.X_train)


def test_missing_data_are_told_and_the_others_done(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SCANN_DATA_HOME", str(tmp_path / "home"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for cached in (_sets.digest, _sets._loaded):
        cached.cache_clear()
    words = ["--data", "airfoil", "diabetes", "--families", "ridge", "--seeds", "2"]
    monkeypatch.setattr(sys, "argv", ["regression", *words, "--into", str(tmp_path)])
    with pytest.raises(SystemExit) as info:
        command.main()
    assert info.value.code == 1
    assert "airfoil is left out" in capsys.readouterr().err
    found = Records("regression", command.FIELDS, tmp_path)
    assert list(found.found) == [("diabetes", 0, "ridge"), ("diabetes", 1, "ridge")]
    with pytest.raises(ValueError, match="records of other data"):
        found.check("diabetes", "0")
    assert _data.ready(["friedman1"], digest_of=_sets.digest) == ["friedman1"]
