"""The benchmark of one default fit: everything in small, equal updates, and the arithmetic."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks import _data, _results
from benchmarks._records import Records
from benchmarks.one_fit import (
    __main__ as command,
    _automatic,
    _cases,
    _compare,
    _curve_tables,
    _curves,
    _opponents,
    _reliability,
    _timing,
    tables,
)
from benchmarks.one_fit._figure import curves_figure, reliability_figure
from benchmarks.peers import _recipe
from scann_sklearn import SCANNClassifier
from scann_sklearn.training._compiled import CompiledEngine
from scann_sklearn.training._torch import TorchEngine

ROOT = Path(__file__).parents[2]
FAMILIES = {"default", "tree", "pruning", "rigl"}
TABLES = [getattr(tables, name) for name in tables.__all__]


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """Folder with the results of all parts in small, run as a user would."""
    folder = tmp_path_factory.mktemp("one_fit")
    for part in command.PARTS:
        words = [sys.executable, "-m", "benchmarks.one_fit", part, "--quick", "--jobs", "1"]
        subprocess.run([*words, "--into", str(folder)], cwd=ROOT, capture_output=True, check=True)
    return folder


@pytest.fixture
def found(quick, monkeypatch):
    """The quick results in place of the committed ones."""
    monkeypatch.setattr(_results, "RESULTS", quick)
    monkeypatch.setattr("benchmarks._records.RESULTS", quick)


def curves(folder):
    return {r["family"]: r for r in Records(_curves.NAME, _curves.FIELDS, folder)}


def test_every_family_leaves_a_record_with_as_many_updates(quick):
    records = curves(quick)
    assert set(records) == FAMILIES
    n_epochs = records["default"]["epochs"]
    for family, record in records.items():
        assert max(record["points"], key=lambda p: p["validation"])["test"] > 0.6, family
        if family != "tree":
            # 1077 rows in batches of 16
            assert (record["epochs"], record["updates"]) == (n_epochs, 68 * n_epochs), family
    tuned = Records(_curves.TUNING, _curves.TUNING_FIELDS, quick)
    for family in ("pruning", "rigl"):
        best = _curves.settings([tuned["digits", family]])[0]
        assert (records[family]["rate"], records[family]["start"]) == best[:2]


def test_second_run_does_nothing(quick):
    before = {path: path.read_text() for path in quick.glob("*.jsonl")}
    chosen = _curves.choices(["digits"], 1, True, quick)
    _curves.run(["digits"], [0], {}, chosen, 1, True, quick)
    assert {path: path.read_text() for path in quick.glob("*.jsonl")} == before
    other = chosen | {"rigl": (0.3, "free")}
    with pytest.raises(ValueError, match=r"records of rigl at .* has chosen \(0.3, 'free'\)"):
        _curves.run(["digits"], [0], {}, other, 1, True, quick)


def test_results_of_the_other_parts(quick):
    records = json.loads((quick / f"{_automatic.NAME}.json").read_text())["records"]
    assert {r["case"] for r in records} == set(_cases.QUICK)
    (digits,) = (r for r in records if r["case"] == "digits, 200 rows")
    assert (digits["n_training"], digits["n_features"]) == (200, 64)
    assert digits["score"] > 0.8
    records = json.loads((quick / f"{_reliability.NAME}.json").read_text())["records"]
    by_variant = {r["variant"]: r for r in records}
    assert set(by_variant) == set(_reliability.VARIANTS)
    # a temperature moves no decision
    assert by_variant["neither"]["accuracy"] == by_variant["default"]["accuracy"]
    assert by_variant["neither"]["log_loss"] != by_variant["default"]["log_loss"]
    content = json.loads((quick / f"{_timing.NAME}.json").read_text())
    assert [r["seed"] for r in content["records"]] == [0, 1]
    assert content["environment"]["cores"]


def test_tables_and_figures_of_the_results(found, tmp_path):
    for table in TABLES:
        headings, rows = table()
        assert {len(row) for row in rows} <= {len(headings)}, table.__name__
        # quick results have no case with a goal unless the messages are here, and no peers
        assert rows or table.__name__ == "one_fit_automatic"
    for name, draw in (("curves", curves_figure), ("reliability", reliability_figure)):
        draw(tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_is_said_before_the_first_run(monkeypatch, tmp_path):
    monkeypatch.setattr(_results, "RESULTS", tmp_path)
    monkeypatch.setattr("benchmarks._records.RESULTS", tmp_path)
    assert {tuple(table()[1]) for table in TABLES} == {()}
    for draw in (curves_figure, reliability_figure):
        draw(tmp_path / "figure.png")
    assert list(tmp_path.iterdir()) == []


def test_committed_results_are_whole():
    """Where there are any: as many updates for each family, one setting an opponent."""
    records = _curve_tables.records()
    for name, seed in {(r["data"], r["seed"]) for r in records}:
        some = [r for r in records if (r["data"], r["seed"]) == (name, seed)]
        assert {r["family"] for r in some} == FAMILIES
        assert len({r["updates"] for r in some if "updates" in r}) == 1
    for family in ("pruning", "rigl"):
        assert len({(r["rate"], r["start"]) for r in records if r["family"] == family}) <= 1


# ----------------------------------------------------------------------------------- equal updates


class Counter:
    """Counts what engines do, whoever asks."""

    def __init__(self, monkeypatch):
        self.updates = 0
        for engine in (CompiledEngine, TorchEngine):
            monkeypatch.setattr(engine, "epoch", self.counted(engine.epoch))

    def counted(self, epoch):
        def counting(engine, rate):
            n, batch = len(engine.objective), engine.options.batch_size
            self.updates += -(-n // batch)
            return epoch(engine, rate)

        return counting

    def of(self, function):
        self.updates = 0
        return function(), self.updates


@pytest.mark.parametrize("start", _opponents.STARTS)
def test_updates_are_equal(monkeypatch, start):
    parts, counter = _data.load("digits", 0), Counter(monkeypatch)
    ours, n_updates = counter.of(lambda: _opponents.default(parts, 0, quick=True))
    assert ours["updates"] == n_updates > 0
    n_epochs = ours["epochs"]
    for name, n_runs in (("pruning", 1), ("rigl", 2)):
        run = _opponents.OPPONENTS[name]
        content, n = counter.of(partial(run, parts, 0, n_epochs, 0.02, start, (100, 300)))
        assert content["updates"] == n_updates
        assert n == n_runs * n_updates
        assert min(p["connections"] for p in content["points"]) <= 100


@pytest.mark.parametrize("n_epochs", [7, 100, 556])
@pytest.mark.parametrize("n_steps", [0, 1, 26])
def test_phases_use_all_epochs(n_epochs, n_steps):
    phases = _opponents.phases(n_epochs, n_steps)
    assert len(phases) == 1 + n_steps
    assert sum(phases) == n_epochs
    share = n_epochs / (3 + n_steps)
    assert abs(phases[0] - 3 * share) <= 1
    assert all(abs(n - share) <= 1 for n in phases[1:])


def test_pruning_that_would_lose_an_output_trains_on():
    parts = _data.load("digits", 0)
    content = _opponents.pruning(parts, 0, 40, 0.02, "layers", sizes=(5,))
    assert content["epochs"] == 40
    assert content["points"][-1]["connections"] > 5


def test_opponents_have_the_recipe_of_the_defaults():
    parts = _data.load("digits", 0)
    objective, options = _recipe.recipe(parts, 0.01)
    default = SCANNClassifier()
    assert objective.targets.smoothing == default.label_smoothing
    assert (options.solver, options.learning_rate_init) == (default.solver, 0.01)
    assert (options.batch_size, options.weight_decay) == (16, pytest.approx(5 / 1077))
    assert _recipe.batches(1077) == 68


def test_tuning_sees_training_data_only():
    parts = _data.load("digits", 3)
    held = _curves.held_out(parts)
    assert (len(held.y_train), len(held.y_test), len(held.y_val)) == (861, 216, 360)
    rows = {row.tobytes() for row in parts.X_train}
    assert {row.tobytes() for row in held.X_test} <= rows
    assert not {row.tobytes() for row in held.X_test} & {row.tobytes() for row in held.X_train}


def test_setting_is_the_best_over_data_sets():
    def record(*values):
        pairs = zip((0.02, 0.01, 0.005), values)
        return {"settings": [{"rate": r, "start": "free", "values": v} for r, v in pairs]}

    some = [
        record([0.9, 0.8], [0.9, 0.9], [0.8, 0.8]),
        record([0.3, 0.3], [0.4, 0.4], [0.2, 0.2]),
        record([0.9, 0.9], [0.5, 0.5], [0.1, 0.1]),
    ]
    best, *others = _curves.settings(some)
    assert best == (0.01, "free", pytest.approx(0.05))
    assert [rate for rate, *_ in others] == [0.02, 0.005]


# -------------------------------------------------------------------------------------- arithmetic


def curve(data, seed, family, *values, sha256="0"):
    sizes = (50, 100)
    points = [
        {"connections": size, "validation": size / 100, "test": value, "bytes": 5 * size}
        for size, value in zip(sizes, values)
        if value is not None
    ]
    return {"data": data, "seed": seed, "family": family, "sha256": sha256, "points": points}


def made_up():
    ours = {"a": (0.9, 0.8, 0.7), "b": (0.6, 0.6, 0.6), "c": (None, None, 0.5)}
    theirs = {"a": (0.7, 0.7, 0.7), "b": (0.7, 0.5, 0.9), "c": (0.4, 0.4, 0.4)}
    return [
        curve(data, seed, family, value, 0.9)
        for family, sets in (("default", ours), ("pruning", theirs))
        for data, values in sets.items()
        for seed, value in enumerate(values)
    ]


def test_differences_of_medians_with_intervals():
    records = made_up()
    pairs = _compare.paired(records, "default", records, "pruning", (50, 100))
    assert list(pairs) == ["a", "b", "c"]
    assert pairs["c"].shape == (2, 3, 2)
    small, large = _compare.differences(pairs)
    # medians: 0.8 and 0.7 on a, 0.6 and 0.7 on b; on c most of ours have nothing so small
    assert (small["n"], small["wins"], small["losses"]) == (2, 1, 1)
    assert small["median_difference"] == pytest.approx(0)
    assert -0.3 <= small["low"] < 0 < small["high"] <= 0.2
    assert large == {
        "n": 3, "median_difference": 0, "low": 0, "high": 0, "wins": 0, "losses": 0
    }  # fmt: skip
    assert [small, large] == _compare.differences(pairs)  # the seed of the bootstrap is fixed


def test_only_the_same_data_and_seeds_are_compared():
    ours = [curve("a", 0, "default", 0.9), curve("a", 1, "default", 0.9)]
    theirs = [curve("a", 0, "rigl", 0.8), curve("a", 1, "rigl", 0.1, sha256="1")]
    pairs = _compare.paired(ours, "default", theirs, "rigl", (50,))
    np.testing.assert_array_equal(pairs["a"], [[[0.9]], [[0.8]]])
    assert _compare.paired(ours, "default", theirs, "pruning", (50,)) == {}
    assert _compare.differences({}) == []


def test_goals_of_made_up_results(monkeypatch):
    records = [
        {"case": "wide", "seed": s, "score": 0.9, "connections": [size], "seconds": [1.0]}
        for s, size in enumerate((100, 600, 700))
    ] + [{"case": "words", "seed": 0, "skipped": "not here"}]
    ratios = [{"ratio": r, "ours_seconds": r, "peer_seconds": 1} for r in (1.0, 1.4, 9.0)]
    content = {_automatic.NAME: records, _timing.NAME: ratios}
    monkeypatch.setattr(tables, "results", lambda name: content.get(name, []))
    monkeypatch.setattr(_curve_tables, "against", dict)
    monkeypatch.setattr(_curve_tables, "ahead_of_trees", lambda: (2, 3))
    assert [row[1:] for row in tables.one_fit_goals()[1]] == [
        ["all", "2 of 3", "**no**"],
        ["≥ 88.0 % with < 500 connections", "90.0 % with 600", "**no**"],
        ["≤ 1.5", "1.40 (1.00 to 9.00)", "yes"],
    ]


def test_calibration_error_of_known_probabilities():
    # of ten samples at 0.8 seven are right, of five at 0.55 all
    probabilities = np.array([[0.8, 0.2]] * 10 + [[0.45, 0.55]] * 5)
    y = np.array([0] * 7 + [1] * 3 + [1] * 5)
    error, bins = _reliability.calibration(probabilities, y)
    assert error == pytest.approx((10 * 0.1 + 5 * 0.45) / 15)
    assert [(i, n, right) for i, (n, _, right) in enumerate(bins) if n] == [(8, 5, 5), (11, 10, 7)]
    assert _reliability.calibration(np.eye(2), np.array([0, 1]))[0] == 0


# -------------------------------------------------------------------------------------------- data


def test_cases_are_split_as_they_say():
    X, y = _cases.rare()
    assert 0.005 < y.mean() < 0.015
    ((train, test),) = _cases.CASES["rare"].split(X, y, 0)
    assert (len(train[1]), len(test[1])) == (15000, 5000)
    X, y = _cases.wide()
    assert (X.shape, X.dtype, set(y)) == ((500, 2000), np.float32, {0, 1, 2})
    X, y = _cases.CASES["wine"].load()
    pairs = _cases.CASES["wine"].split(X, y, 0)
    assert sum(len(test[1]) for _, test in pairs) == 178
    texts = np.array(["ham and eggs", "spam and spam", "eggs", "spam"] * 5, dtype=object)
    ((train, test),) = _cases.counted(texts, np.array([0, 1, 0, 1] * 5), 0, 0.4)
    assert (train[0].shape, test[0].shape) == ((12, 4), (8, 4))
    assert (train[0].dtype, train[0].max()) == (np.float32, 2)
    assert _cases.CASES["rare"].score([0, 1, 1], [1, 1, 0]) == 0.5


def test_absent_messages_are_told(monkeypatch):
    def absent():
        raise OSError("SMSSpamCollection is missing")

    monkeypatch.setattr(_cases.datasets, "fetch_sms_spam", absent, raising=False)
    record = _automatic.measure("words", 0)
    assert record == {"case": "words", "seed": 0, "skipped": "SMSSpamCollection is missing"}
