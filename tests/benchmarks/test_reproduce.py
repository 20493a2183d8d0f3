"""The reproduction in small: every column, its networks evaluated again, choices by hand."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest

from benchmarks import _data
from benchmarks._merit import tolerance
from benchmarks._perceptrons import Remembered
from benchmarks._records import Records
from benchmarks.reproduce import tables, uci, verify
from benchmarks.reproduce._baseline import accuracy_floors
from benchmarks.reproduce._reductions import promising
from benchmarks.reproduce._search import Search, paper_settings, settings
from scann_sklearn.export import SparseModel

COLUMNS = {"MLP", "smallest MLP", "DR", "SCANN", "DR+SCANN", "paper"}


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uci")
    return folder, uci.quick(folder)


@pytest.mark.slow
def test_every_column_leaves_a_record(quick):
    _, records = quick
    assert {key[2] for key in records.found} == COLUMNS
    for key, record in records.found.items():
        rows = [record[name] for name in ("best", "equal", "one_se") if name in record]
        assert rows, key
        for row in rows:
            assert row["test"] > 0.8
            assert row["energy"] >= row["energy_without_reduction"] > 0
            assert row["bytes"] > row["connections"]


@pytest.mark.slow
def test_rows_follow_their_rules(quick):
    _, records = quick
    floors = accuracy_floors(records["digits", 0, "MLP"], 360)
    for column in ("SCANN", "DR+SCANN"):
        record = records["digits", 0, column]
        sizes = [point["connections"] for point in record["points"]]
        assert sizes == sorted(set(sizes))
        for rule, floor in floors.items():
            if record[rule] != record["best"]:
                assert record[rule]["validation"] >= floor
                assert record[rule]["connections"] <= record["best"]["connections"]


@pytest.mark.slow
def test_second_run_does_nothing(quick):
    folder, _ = quick
    before = (folder / "uci.jsonl").read_text()
    uci.quick(folder)
    assert (folder / "uci.jsonl").read_text() == before


@pytest.mark.slow
def test_committed_networks_are_those_of_the_records(quick):
    folder, records = quick
    paths = sorted((folder / "models").glob("*.npz"))
    assert [path.stem for path in paths] == ["digits-0-DR+SCANN", "digits-0-SCANN"]
    assert [verify.problem(path, records, {}) for path in paths] == ["", ""]


@pytest.mark.slow
def test_verification_notices_a_changed_network(quick, tmp_path):
    folder, records = quick
    path = folder / "models" / "digits-0-SCANN.npz"
    with np.load(path) as file:
        content = dict(file)
    content["weights"] = -content["weights"]
    np.savez(tmp_path / path.name, **content)
    assert "the record has" in verify.problem(tmp_path / path.name, records, {})


@pytest.mark.slow
def test_verification_notices_other_data(quick, tmp_path):
    folder, _ = quick
    sha256 = _data.digest("digits")
    changed = (folder / "uci.jsonl").read_text().replace(sha256, "0123456789abcdef")
    (tmp_path / "uci.jsonl").write_text(changed)
    records = Records("uci", uci.FIELDS, tmp_path)
    problem = verify.problem(folder / "models" / "digits-0-SCANN.npz", records, {})
    assert problem == (f"the record is of other data (sha256 0123456789abcdef, these are {sha256})")


@pytest.mark.slow
def test_model_file_keeps_the_network(quick):
    folder, records = quick
    model = SparseModel.load(folder / "models" / "digits-0-SCANN.npz")
    parts = _data.load("digits", 0)
    row = records["digits", 0, "SCANN"]["one_se"]
    assert model.n_connections_ == row["connections"]
    accuracy = np.mean(model.predict(parts.X_test) == parts.y_test)
    assert accuracy == pytest.approx(row["test"], abs=1e-5)


def test_reductions_are_judged_and_the_best_kept():
    parts = _data.load("digits", 0)
    tried = [
        {"method": method, "ratio": ratio, "validation": validation}
        for method, ratio, validation in (
            ("pca", 2.0, 0.95),
            ("pca", 4.0, 0.97),
            ("pca", 1.0, 0.9),
            ("sparse_rp", 1.0, 0.96),
        )
    ]
    seen = []

    def judge(reduction):
        seen.append((reduction.method, reduction.ratio, reduction.scaling))
        return reduction.parts.X_train.shape[1], reduction.scaling is None

    (kept,) = promising(tried, parts, 0, judge, 1)
    # both scalings at each method's best ratio, then the second best ratio of the winner
    assert seen == [
        ("pca", 4.0, "standard"),
        ("pca", 4.0, None),
        ("sparse_rp", 1.0, "standard"),
        ("sparse_rp", 1.0, None),
        ("pca", 2.0, "standard"),
    ]
    assert kept.facts == {"method": "pca", "ratio": 4.0, "input_scaling": "standard"}
    np.testing.assert_array_equal(kept.parts.X_val, kept.reducer.transform(parts.X_val))


def test_search_behind_a_reduction_predicts_from_raw_samples():
    parts = _data.load("digits", 0)
    tried = [{"method": "pca", "ratio": 2.0, "validation": 0.9}]
    (reduction, _) = promising(tried, parts, 0, lambda r: r.scaling is None, 2)
    known = Remembered(np.arange(10), np.eye(10)[parts.y_train])
    estimators = settings([("C 60-60", "fast")], [known], "standard")
    best = Search(parts, 0).run(estimators, reduction).best
    assert best.facts["setting"] == "C 60-60, fast, teacher"
    assert best.facts["method"] == "pca"
    validation = best.whole.score(parts.X_val, parts.y_val)
    assert best.score <= validation
    assert validation > 0.9


def test_remembered_teacher_knows_its_samples_only():
    known = Remembered(np.array([0, 1]), np.full((5, 2), 0.5))
    with pytest.raises(ValueError, match="Known are 5 samples, asked for 3"):
        known.predict_proba(np.zeros((3, 4)))


def test_search_keeps_what_nothing_dominates():
    parts = _data.load("digits", 0)
    search = Search(parts, 0).run(paper_settings("standard"))
    assert search.n_fits == 2
    for one, other in zip(search.front, search.front[1:]):
        assert one.connections < other.connections
        assert one.score < other.score
    assert search.best is search.front[-1]
    assert search.smallest(2.0) is None
    floor = search.front[-1].score
    assert search.smallest(floor) is search.front[-1]
    for c in search.front:
        training = c.model.score(parts.X_train, parts.y_train)
        validation = c.model.score(parts.X_val, parts.y_val)
        assert c.score == pytest.approx(min(training, validation))


def test_tolerance_is_the_standard_error_of_a_share():
    rng = np.random.default_rng(0)
    shares = rng.binomial(400, 0.9, size=20_000) / 400
    assert tolerance(0.9, 400) == pytest.approx(shares.std(), rel=0.02)


def test_seed_draws_the_validation_part_again():
    a, b, c = (_data.load("digits", seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a.X_train, b.X_train)
    np.testing.assert_array_equal(a.X_test, c.X_test)
    assert not np.array_equal(a.X_val, c.X_val)
    assert len(a.y_val) == len(c.y_val)


@pytest.mark.slow
def test_compression_is_a_mean_of_ratios(quick):
    _, records = quick
    ours = records["digits", 0, "SCANN"]["equal"]["connections"]
    theirs = records["digits", 0, "MLP"]["best"]["connections"]
    found = tables.compression(records, "digits", "SCANN M.C.", "best MLP")
    assert found == pytest.approx(theirs / ours)
    assert tables.geometric_mean([1, 4, 16]) == pytest.approx(4)
