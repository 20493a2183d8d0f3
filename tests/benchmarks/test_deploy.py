"""The deployment benchmark: everything in small, and the parts that could be wrong silently."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from joblib import Parallel
from sklearn.ensemble import RandomForestClassifier

from benchmarks import _data
from benchmarks._merit import score
from benchmarks._perceptrons import fit_perceptron
from benchmarks.deploy import _device, _host, tables, targets
from benchmarks.deploy._codes import FORMATS, our_code
from benchmarks.deploy._emlearn import METHODS, folded, forest_code, forest_methods, perceptron_code
from benchmarks.deploy._figure import flash_figure
from benchmarks.deploy._models import choose
from benchmarks.deploy._ours import small
from scann_sklearn import SCANNClassifier
from tests._optional import need

ROOT = Path(__file__).parents[2]


@pytest.fixture
def emlearn():
    need("gcc", "emlearn")


@pytest.fixture(scope="module")
def digits():
    return _data.load("digits")


@pytest.fixture(scope="module")
def perceptron(digits):
    return fit_perceptron((8,), digits, "standard", 0, epochs=5)[0]


@pytest.fixture(scope="module")
def network(digits):
    return SCANNClassifier("A", n_connections=100, random_state=0).fit(
        digits.X_train, digits.y_train
    )


@pytest.fixture(scope="module")
def forest(digits):
    return RandomForestClassifier(5, max_leaf_nodes=16, random_state=0).fit(
        digits.X_train, digits.y_train
    )


@pytest.mark.slow
@pytest.mark.usefixtures("emlearn")
def test_the_whole_benchmark_in_small(tmp_path):
    command = [sys.executable, "-m", "benchmarks.deploy", "--quick", "--into", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    content = json.loads((tmp_path / "deploy.json").read_text())
    assert content["seeds"] == [0]
    assert content["tools"]["emlearn"]
    records = content["records"]
    ours = [(what, dtype) for what in ("small", "budget") for dtype in FORMATS]
    peers = [("smallest", "float32"), ("validation", "float32"), ("forest", "int16")]
    runtime = [(f"{w}, ONNX Runtime", "float32") for w in ("small", "budget") for _ in range(2)]
    assert [(r["what"], r["format"]) for r in records] == [*ours, *peers, *runtime]
    for r in records:
        assert 0.8 < r["test"] <= 1
        assert 0 < r["least_seconds"] <= r["seconds"]
        if r["format"] == "float32":
            assert r["n_changed"] == 0
    headings, rows = tables.costs(records, "digits")
    assert len(rows) == len(records)
    assert {len(row) for row in rows} == {len(headings)}
    assert "| digits: operations of the smallest MLP / ours |" in done.stdout


def test_a_scaler_is_folded_into_the_first_layer(digits, perceptron):
    raw = folded(perceptron)
    np.testing.assert_allclose(
        raw.predict_proba(digits.X_test), perceptron.predict_proba(digits.X_test), atol=1e-5
    )
    assert not np.allclose(raw.coefs_[0], perceptron[-1].coefs_[0])  # the pipeline keeps its own


@pytest.mark.usefixtures("emlearn")
@pytest.mark.parametrize("method", METHODS)
def test_emlearn_has_the_classes_of_the_perceptron(digits, perceptron, tmp_path, method):
    before = np.geterr()
    code = perceptron_code(perceptron, method, tmp_path, "net")
    assert np.geterr() == before  # importing emlearn changes it
    assert not (ROOT / "tmp").exists()  # where it would compile
    assert code.n_parameters == 64 * 8 + 8 + 8 * 10 + 10
    classes = _host.Library(code, tmp_path)(digits.X_test)
    np.testing.assert_array_equal(classes, perceptron.predict(digits.X_test))


@pytest.mark.usefixtures("emlearn")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("leaf_bits", [0, 8])
def test_emlearn_has_the_classes_of_the_forest(digits, forest, tmp_path, method, leaf_bits):
    code = forest_code(forest, method, leaf_bits, tmp_path, "forest")
    classes = _host.Library(code, tmp_path)(digits.X_test)
    if leaf_bits:
        assert np.mean(classes == forest.predict(digits.X_test)) > 0.98  # shares are rounded
    else:
        votes = np.array([tree.predict(digits.X_test) for tree in forest], dtype=int)
        counts = (votes[..., None] == np.arange(10)).sum(axis=0)
        np.testing.assert_array_equal(classes, counts.argmax(axis=1))


@pytest.mark.usefixtures("emlearn")
def test_forests_of_emlearn_need_whole_numbers(digits, forest, tmp_path):
    code = forest_code(forest, "inline", 0, tmp_path, "forest")
    with pytest.raises(ValueError, match="no whole numbers"):
        code.rows(digits.X_test + 0.5)


def test_tables_of_trees_hold_127_features(digits, forest):
    wide = np.repeat(digits.X_train, 2, axis=1)
    other = RandomForestClassifier(1, max_depth=2, random_state=0).fit(wide, digits.y_train)
    assert forest_methods(forest) == ("loadable", "inline")
    assert forest_methods(other) == ("inline",)


def test_host_instructions_follow_the_connections(digits, network, tmp_path):
    need("gcc", "valgrind")
    small = network.select(n_connections=network.path_[0].n_connections)
    counts = []
    for model in (small, network):
        code = our_code(model, "float32", digits, tmp_path, f"net{model.n_connections_}")
        counts.append(_host.instructions(code, digits.X_test[:3]))
        assert counts[-1] == _host.instructions(code, digits.X_test[:3])  # no noise
        assert 4 * model.n_connections_ < counts[-1] < 30 * model.n_connections_ + 1000
    assert counts == sorted(counts)


def test_device_measures(digits, network, tmp_path):
    codes = {d: our_code(network, d, digits, tmp_path, f"net_{d}") for d in FORMATS}
    flash = {d: _device.flash(code) for d, code in codes.items()}
    assert flash["int8"]["flash"] < flash["int16"]["flash"] < flash["float32"]["flash"]
    assert flash["int8"]["library_calls"] == []
    assert flash["int8"]["emulation"] == flash["int16"]["emulation"] == 0
    assert 500 < flash["float32"]["emulation"] < 5000  # additions, products and comparisons
    rows = digits.X_test[:3]
    counts = {d: _device.instructions(code, rows) for d, code in codes.items()}
    assert network.n_connections_ * 5 < counts["int8"] < counts["float32"] / 3  # emulated there


def test_the_count_is_that_of_inferences(digits, network, tmp_path):
    """Twice the rows give the same mean, but for the end of the loop."""
    code = our_code(network, "int8", digits, tmp_path, "net")
    rows = np.repeat(digits.X_test[:1], 4, axis=0)
    two, four = (_device.instructions(code, rows[:n]) for n in (2, 4))
    assert two == pytest.approx(four, abs=1)


def test_ram_counts_variables_and_frames(tmp_path):
    need(_device.ARM)
    header = tmp_path / "net.h"
    header.write_text(
        "static int kept[8];\nstatic inline int net_predict(const float *x)\n"
        "{ kept[(int)x[0]] += 1; return kept[(int)x[1]]; }\n"
    )
    found = _device.ram(_Named(header))
    assert found["ram"] - found["stack"] == 32
    assert 0 < found["stack"] <= 64


class _Named:
    """As much of a `Code` as compilers need."""

    name, ctype, flags, freestanding = "net", "float", (), ()

    def __init__(self, path):
        self.path = path


def test_every_family_reaches_the_floor_or_says_so(digits):
    floor, chosen = choose(digits, [0], quick=True)
    assert [c.what for c in chosen] == ["small", "budget", "smallest", "validation", "forest"]
    for c in chosen:
        if c.what == "forest" and c.options["leaf_bits"] == 0:
            continue  # counts votes, which the estimator doesn't
        assert c.reached == (score(c.model.predict, digits) >= floor)
    assert chosen[1].model.n_connections_ <= 300


def test_the_score_is_the_lower_accuracy(digits):
    known = {row.tobytes(): y for row, y in zip(digits.X_train, digits.y_train)}

    def remembered(X):  # right on the training part, wrong where the row is new
        return np.array([known.get(row.tobytes(), -1) for row in X])

    of_validation = np.mean(remembered(digits.X_val) == digits.y_val)
    assert of_validation < 0.1
    assert score(remembered, digits) == of_validation
    swapped = digits._replace(
        X_train=digits.X_val, y_train=digits.y_val, X_val=digits.X_train, y_val=digits.y_train
    )
    assert score(remembered, swapped) == of_validation


@pytest.mark.slow
def test_the_smallest_network_is_at_the_floor(digits):
    """With a low floor the search ends far below where it begins."""
    parallel = Parallel(1)
    found = [small(parallel, digits, floor, None, [0], True) for floor in (0.95, 0.8, 1.0)]
    high, low, out_of_reach = found
    assert score(high.model.predict, digits) >= 0.95
    assert score(low.model.predict, digits) >= 0.8
    assert low.model.n_connections_ < high.model.n_connections_
    assert (high.reached, low.reached, out_of_reach.reached) == (True, True, False)
    assert score(out_of_reach.model.predict, digits) >= score(high.model.predict, digits)
    assert (low.starts, out_of_reach.starts) == ([low.model.n_connections_], [None])


def test_timings_alternate():
    calls = []
    functions = {"a": lambda: calls.append("a") or 1.0, "b": lambda: calls.append("b") or 3.0}
    seconds = _host.medians(functions, 2)
    assert calls == list("ababab")
    assert seconds["b"] == {"seconds": 3.0, "least_seconds": 3.0, "times_first": 3.0}


def test_the_figure_has_a_panel_a_data_set(tmp_path):
    flash_figure(tmp_path / "flash.png")
    data = (tmp_path / "flash.png").read_bytes()
    width, height = (int.from_bytes(data[i : i + 4]) for i in (16, 20))
    assert data[:4] == b"\x89PNG"
    assert height < width < 2 * height  # four of them, two beside each other


@pytest.mark.slow
def test_the_command_of_the_targets_writes_its_result(tmp_path, monkeypatch):
    words = ["targets", "--data", "digits", "--into", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", words)
    targets.main()
    content = json.loads((tmp_path / "targets.json").read_text())
    assert content["missing"] == {}
    there = {name for name, target in targets.TARGETS.items() if target.missing is None}
    assert {record["target"] for record in content["records"]} == there
    assert [path.name for path in tmp_path.iterdir()] == ["targets.json"]
