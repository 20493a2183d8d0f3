"""C code that leaves early: who leaves where with which class, against Python and bit by bit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from scann_sklearn import DimReducer, energy_score
from scann_sklearn.export import to_c
from scann_sklearn.export._c_source import SelfTest, c_source
from scann_sklearn.export._exit_rules import FixedExits
from scann_sklearn.export._quantize import quantize_program
from scann_sklearn.export._single import SinglePrecision
from scann_sklearn.heads._classes import class_head
from scann_sklearn.heads._exits import Exits
from scann_sklearn.model._model import model_of
from tests._optional import need
from tests.early_exit._helpers import short
from tests.export._compilers import LANGUAGES, STRICT, as_library, call, run
from tests.export._programs import random_exits

DTYPES = ["float32", "int16", "int8"]
LOADERS = {"digits": load_digits, "cancer": load_breast_cancer}
C = LANGUAGES["zig"]


@pytest.fixture(scope="session", params=LOADERS)
def leaving(request):
    """A classifier with three exits, training data, and rows that it hasn't seen."""
    X, y = LOADERS[request.param](return_X_y=True)
    clf = short(section_ratio=3, n_connections=150, thresholds=[0.6, 0.8])
    return clf.fit(X[::2], y[::2]), X[::2], X[1::2]


def at(clf, *thresholds):
    """A copy that samples leave at these thresholds."""
    other = copy.copy(clf)
    other.thresholds_ = np.array(thresholds)
    return other


def answers(library, rows):
    """Classes and exits by the C code."""
    both = call(library.answers, rows, (len(rows), 2), np.int32)
    np.testing.assert_array_equal(both[:, 0], call(library.predict, rows, len(rows), np.int32))
    return both.T


def assert_agree(report, model, X, numbers, exits):
    """As `predict` and `predict_exit`, where rounding can't decide."""
    code = report.code
    clear = code.exits.clear(code.outputs(report.quantize(X)), 1e-4)
    assert clear.mean() > 0.97
    np.testing.assert_array_equal(exits[clear], model.predict_exit(X)[clear])
    np.testing.assert_array_equal(model.classes_[numbers[clear]], model.predict(X)[clear])


@pytest.mark.parametrize("thresholds", [(0.6, 0.8), (0.0, 1.0), (1.0, 0.9), (0.7, 0.0)])
def test_floats(leaving, tmp_path, thresholds):
    clf, _, X = leaving
    model = at(clf, *thresholds)
    report = to_c(model, tmp_path / "net.h")
    library, rows = as_library(report, tmp_path), report.quantize(X)
    numbers, exits = answers(library, rows)
    assert_agree(report, model, X, numbers, exits)
    np.testing.assert_array_equal(exits, report.predict_exit(X))
    np.testing.assert_array_equal(model.classes_[numbers], report.predict(X))
    shape = (len(X), len(model.classes_))
    probabilities = call(library.predict_proba, rows, shape, np.float32)
    np.testing.assert_array_equal(probabilities, report.code.probabilities(rows))
    same = exits == model.predict_exit(X)
    np.testing.assert_allclose(probabilities[same], model.predict_proba(X)[same], atol=1e-5)
    n = report.code.program.n_outputs
    outputs = call(library.outputs, rows, (len(X), n), np.float32, n)
    np.testing.assert_array_equal(outputs, report.scores(X))  # of all exits in the code
    assert (thresholds[0] == 0) == (exits.max() == 0)
    assert (thresholds[0] == 1) == (exits.min() > 0)


@pytest.mark.parametrize("dtype", ["int16", "int8"])
@pytest.mark.parametrize("thresholds", [(0.6, 0.8), (1.0, 0.9), (0.7, 0.0), (0.0, 0.8)])
def test_integers(leaving, tmp_path, dtype, thresholds):
    clf, X_train, X = leaving
    model = at(clf, *thresholds)
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X_train)
    library, rows = as_library(report, tmp_path), report.quantize(X)
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(0)
    noise = rng.integers(limits.min, limits.max, (300, rows.shape[1]), dtype, endpoint=True)
    for Q in (rows, noise):
        left = report.code.exits.leave(report.code.outputs(Q))
        np.testing.assert_array_equal(answers(library, Q), [left.numbers, left.exits])
    np.testing.assert_array_equal(report.predict_exit(X), answers(library, rows)[1])
    least = 0.99 if dtype == "int16" else 0.95
    assert np.mean(report.predict_exit(X) == model.predict_exit(X)) >= least
    assert np.mean(report.predict(X) == model.predict(X)) >= least


@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_pendigits(pendigits, tmp_path, dtype):
    train = pendigits.split != "test"
    X, y = pendigits.data[train], pendigits.target[train]
    clf = short(section_ratio=3, n_connections=300, thresholds=[0.8, 0.8]).fit(X[:2000], y[:2000])
    report = to_c(clf, tmp_path / "net.h", dtype=dtype, calibration=X)
    X = pendigits.data[~train]
    numbers, exits = answers(as_library(report, tmp_path), report.quantize(X))
    np.testing.assert_array_equal(exits, report.predict_exit(X))
    assert len(np.unique(exits)) == 3
    if dtype == "float32":
        assert_agree(report, clf, X, numbers, exits)
    assert np.mean(exits == clf.predict_exit(X)) > 0.97
    assert np.mean(clf.classes_[numbers] == clf.predict(X)) > 0.98


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
def test_random_networks(tmp_path, dtype, seed):
    """Outputs, classes and exits, by the self-test of the header."""
    rng = np.random.default_rng(seed)
    program = random_exits(rng)
    X = rng.normal(size=(40, program.n_features)) * 3
    text = _with_self_test(program, X, dtype)
    (tmp_path / "net.h").write_text(text)
    run(*C, *STRICT, "-DNET_SELF_TEST", tmp_path / "net.h", "-o", tmp_path / "net")
    run(tmp_path / "net")


def _with_self_test(program, X, dtype):
    is_float = dtype == "float32"
    code = SinglePrecision(program) if is_float else quantize_program(program, X, int(dtype[3:]))
    rows = code.quantize(X)
    test = SelfTest(rows, code.outputs(rows), code.tolerance(rows) if is_float else 0)
    return c_source(code, "net", "test", test).text


@pytest.mark.parametrize(
    ("end", "dtype", "n_classes"),
    [
        *[("mean", *of) for of in (("float32", 2), ("float32", 5), ("int16", 2), ("int8", 5))],
        *[("last exit", *of) for of in (("float32", 2), ("float32", 5), ("int16", 2), ("int8", 5))],
        *[("only exit", *of) for of in (("float32", 5), ("int8", 2))],
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_warning(tmp_path, language, end, dtype, n_classes):
    if not language.startswith("zig"):
        need(language)
    rng = np.random.default_rng(n_classes)
    n_exits = {"mean": None, "last exit": 3, "only exit": 1}[end]
    program = random_exits(rng, n_classes, end == "mean", n_exits)
    text = _with_self_test(program, rng.normal(size=(20, 20)), dtype)
    (tmp_path / "net.h").write_text(text)
    # at -O3 gcc takes the sums of a mean of several classes for unwritten
    levels = ("-Os", "-O2") if end == "mean" and n_classes > 2 else ("-Os", "-O2", "-O3")
    for level in levels:
        flags = (*STRICT, level, "-DNET_SELF_TEST")
        run(*LANGUAGES[language], *flags, tmp_path / "net.h", "-o", tmp_path / "net")
        run(tmp_path / "net")


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_self_test_notices_another_exit(leaving, tmp_path, dtype):
    clf, X_train, X = leaving
    model = at(clf, 0.6, 0.8)
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X_train, self_test=X[:60])
    command = (*C, *STRICT, "-DNET_SELF_TEST", report.path, "-o", tmp_path / "net")
    run(*command)
    run(tmp_path / "net")
    text = report.path.read_text()
    asks = {"float32": "asks && ", "int16": "!y && ", "int8": "!y && "}[dtype]
    assert text.count(asks) == 1
    report.path.write_text(text.replace(asks, f"{asks}0 && "))
    run(*command)
    left = report.predict_exit(X[:60]) < 2
    clear = report.code.exits.clear(report.scores(X[:60]), 1e-3) | (dtype != "float32")
    n_wrong = int(run(*_printing(report, tmp_path)))
    assert np.sum(left & clear) <= n_wrong <= np.sum(left)


def _printing(report, folder):
    """A program that prints the number of mismatches."""
    (folder / "main.c").write_text(
        f'#include <stdio.h>\n#define NET_STATIC\n#include "{report.path}"\n'
        'int main(void) { printf("%d", net_self_test()); return 0; }\n'
    )
    run(*C, folder / "main.c", "-o", folder / "main")
    return (folder / "main",)


# ------------------------------------------------------------------------------- decisions


@given(
    seed=st.integers(0, 2**16),
    n_classes=st.sampled_from([2, 3, 10, 200]),
    unit=st.sampled_from([1e-9, 3e-7, 1e-3, 0.02]),
    spread=st.sampled_from([0.3, 2, 10]),
)
def test_integers_decide_within_rounding(seed, n_classes, unit, spread):
    """Of outputs that are given: 0.0005 around a threshold, and where two means are alike."""
    rng = np.random.default_rng(seed)
    thresholds = rng.choice([0, 0.2, 0.5, 0.9, 0.99, 0.9999, 1], 2).astype(float)
    head = Exits(class_head(np.arange(n_classes)), 3, thresholds=thresholds)
    top = 2**31 / spread / 10  # outputs are int32
    outputs = np.round(rng.normal(size=(50, head.n_outputs)) * min(spread / unit, top * spread))
    left = FixedExits(head, unit).leave(outputs.astype(np.int64))
    exact = outputs * unit
    confidence = np.array([head.confidence(z) for z in head.parts(exact)[:-1]])
    clear = (np.abs(confidence - thresholds[:, None]) > 5e-4).all(axis=0)
    fine = rng.permutation(50)[:40]
    assert (left.exits[clear] == head.exit_of(exact)[clear]).all()
    second, first = np.sort(head.probabilities(exact)[fine], axis=1)[:, -2:].T
    decided = clear[fine] & (first - second > 1e-3)
    assert (left.numbers[fine][decided] == head.decide(exact)[fine][decided]).all()


def test_limits_are_numbers_of_32_bits():
    """However fine the outputs are; below 0 everybody is sure."""
    head = Exits(class_head(np.arange(2)), 4, thresholds=[0.0, 0.5, 1.0])
    for unit in (1e-12, 1e-6, 1.0):
        limits = FixedExits(head, unit).limits[:3]
        assert limits[0] == -1
        assert limits[1] == 0
        assert limits[2] == 2**31 - 1


def test_powers():
    """To three digits, and never above 1."""
    head = Exits(class_head(np.arange(5)), 2)
    for unit in (1e-9, 1e-6, 1e-3, 0.3, 40.0):
        rule = FixedExits(head, unit)
        distances = np.unique(np.geomspace(1, 2**32 - 1, 4000).astype(np.int64))
        found = rule.powers(distances) / 2.0**rule.one_bits
        assert (np.abs(found - np.exp(-unit * distances)) < 1e-3).all()
        assert found.max() <= 1
        assert rule.powers(np.zeros(1, np.int64)) == 1 << rule.one_bits


def test_too_many_classes_for_integers():
    head = Exits(class_head(np.arange(2**15 + 1)), 2)
    with pytest.raises(ValueError, match="32769 classes are too many for early exits in integers"):
        FixedExits(head, 1.0)


# --------------------------------------------------------------------------- around the code


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", ["pca", "sparse_rp"])
def test_a_reduction_ahead(tmp_path, dtype, method):
    X, y = load_digits(return_X_y=True)
    reducer = DimReducer(method, ratio=5, random_state=0)
    clf = short(section_ratio=3, n_connections=150, thresholds=[0.6, 0.6])
    pipe = make_pipeline(reducer, clf).fit(X, y)
    report = to_c(pipe, tmp_path / "net.h", dtype=dtype, calibration=X)
    numbers, exits = answers(as_library(report, tmp_path), report.quantize(X))
    np.testing.assert_array_equal(exits, report.predict_exit(X))
    np.testing.assert_array_equal(numbers, report.predict(X))  # classes are 0 to 9
    assert len(np.unique(exits)) == 3
    known = pipe[-1].predict_exit(pipe[:-1].transform(X))
    assert np.mean(exits == known) > 0.9 + 0.09 * (dtype != "int8")


def test_missing_values(tmp_path):
    X, y = load_breast_cancer(return_X_y=True)
    X[::7, 7] = X[::5, 20] = X[::3, 27] = np.nan
    pipe = make_pipeline(SimpleImputer(), short(n_connections=40, thresholds=[0.9, 0.9])).fit(X, y)
    report = to_c(pipe, tmp_path / "net.h")
    numbers, exits = answers(as_library(report, tmp_path), report.quantize(X))
    np.testing.assert_array_equal(exits, report.predict_exit(X))
    known = pipe[-1].predict_exit(pipe[0].transform(X))
    assert np.mean(exits == known) > 0.99
    assert np.mean(numbers == pipe.predict(X)) > 0.99
    with pytest.raises(ValueError, match="Integers are never NaN"):
        to_c(pipe, tmp_path / "net.h", dtype="int8", calibration=X)


def test_the_report_knows_each_exit(leaving, tmp_path):
    clf, X_train, X = leaving
    report = to_c(clf, tmp_path / "net.h")
    np.testing.assert_allclose([cost.energy for cost in report.exits], clf.exit_energies_)
    assert (report.energy, report.operations) == (report.exits[-1].energy, report.exits[-1][1])
    connections = [cost.n_connections for cost in report.exits]
    assert connections == sorted(connections)
    assert connections[-1] == report.n_connections == clf.n_connections_
    mean = np.mean([report.exits[e].energy for e in clf.predict_exit(X)])
    assert mean == pytest.approx(-energy_score(clf, X))
    assert {cost.instructions for cost in report.exits} == {None}
    fixed = to_c(clf, tmp_path / "net.h", dtype="int8", calibration=X_train)
    steps = [cost.instructions for cost in fixed.exits]
    assert steps == sorted(steps)
    assert steps[-1] == fixed.instructions
    text = fixed.path.read_text()
    assert "#define NET_N_EXITS 3\n" in text
    assert " * 0.6, 0.8;\n" in text
    others = [to_c(at(clf, t, 0.8), tmp_path / "net.h").model_hash for t in (0.6, 0.61)]
    assert others[0] == report.model_hash != others[1]


def test_no_exits(iris_case, tmp_path):
    report = to_c(iris_case.model, tmp_path / "net.h")
    assert report.exits == ()
    with pytest.raises(ValueError, match="net has no early exits"):
        report.predict_exit(iris_case.X)


# ------------------------------------------------------------------ what nobody gets to


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("first", [0.6, 0.0])
def test_what_nobody_gets_to_is_left_out(leaving, tmp_path, dtype, first):
    clf, X_train, X = leaving
    second = 0.8 if first == 0 else 0.0
    model, n_exits = at(clf, first, second), 1 if first == 0 else 2
    whole, cut = (
        to_c(m, tmp_path / f"{name}.h", dtype=dtype, calibration=X_train)
        for name, m in (("whole", at(clf, 0.6, 0.8)), ("net", model))
    )
    for cost in ("n_connections", "flash_bytes", "ram_bytes", "energy", "n_inputs"):
        assert getattr(cut, cost) <= getattr(whole, cost)
    assert cut.flash_bytes < 0.8 * whole.flash_bytes
    assert cut.ram_bytes < whole.ram_bytes
    assert dtype == "float32" or cut.instructions < 0.6 * whole.instructions
    energies = [cost.energy for cost in cut.exits]
    np.testing.assert_allclose(energies, clf.exit_energies_[:n_exits])
    text = cut.path.read_text()
    assert f"#define NET_N_EXITS {n_exits}\n" in text
    assert "mean" not in text
    numbers, exits = answers(as_library(cut, tmp_path), cut.quantize(X))
    np.testing.assert_array_equal(exits, cut.predict_exit(X))
    np.testing.assert_array_equal(model.classes_[numbers], cut.predict(X))
    if dtype == "float32":
        assert_agree(cut, model, X, numbers, exits)
    else:
        assert np.mean(cut.predict(X) == model.predict(X)) > 0.95


@pytest.mark.parametrize("dtype", DTYPES)
def test_behind_a_reduction_less_is_reduced(tmp_path, dtype):
    """Components that no exit in the code reads are not computed, and the rest is folded anew."""
    X, y = load_digits(return_X_y=True)
    clf = short(section_ratio=4, n_connections=120, thresholds=[0.0, 0.5])
    pipe = make_pipeline(DimReducer("pca", ratio=4, random_state=0), clf).fit(X, y)
    cut = to_c(pipe, tmp_path / "net.h", dtype=dtype, calibration=X)
    pipe[-1].thresholds_ = np.array([0.5, 0.5])
    whole = to_c(pipe, tmp_path / "whole.h", dtype=dtype, calibration=X)
    assert cut.code.program.n_linear < whole.code.program.n_linear
    assert cut.flash_bytes < whole.flash_bytes
    pipe[-1].thresholds_ = np.array([0.0, 0.5])
    numbers, exits = answers(as_library(cut, tmp_path), cut.quantize(X))
    assert (exits == 0).all()
    np.testing.assert_array_equal(numbers, cut.predict(X))  # classes are 0 to 9
    assert np.mean(numbers == pipe.predict(X)) > (0.9 if dtype == "int8" else 0.99)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    loader=st.sampled_from(sorted(LOADERS)),
    scheme=st.sampled_from(["A", "B", "C"]),
)
def test_answers_are_the_same_without_what_nobody_gets_to(seed, loader, scheme):
    X, _ = LOADERS[loader](return_X_y=True)
    model = model_of(_fitted(loader, scheme))
    rng = np.random.default_rng(seed)
    thresholds = rng.choice([0, 0.05, 0.3, 0.6, 0.9, 1], 2).astype(float)
    model = replace(model, head=model.head.with_thresholds(thresholds))
    cut, X = model.reached(), X[rng.integers(0, len(X), 60)]
    sure = np.flatnonzero(thresholds * len(model.head.classes) < 1)
    assert cut.head.n_exits == (sure[0] + 1 if len(sure) else 3)
    assert cut.head.takes_mean == (not len(sure))
    outputs = model.outputs(X)
    found = cut.outputs(X)
    np.testing.assert_allclose(found, outputs[:, : found.shape[1]], rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(cut.head.exit_of(found), model.head.exit_of(outputs))
    expected = model.head.log_probabilities(outputs)
    np.testing.assert_allclose(cut.head.log_probabilities(found), expected, rtol=1e-6, atol=1e-9)
    again = cut.to_program()
    np.testing.assert_allclose(again.outputs(X), found, rtol=1e-9, atol=1e-9)
    assert again.head.n_exits == cut.head.n_exits


@cache
def _fitted(loader, scheme):
    X, y = LOADERS[loader](return_X_y=True)
    return short(scheme, n_connections=150).fit(X, y)
