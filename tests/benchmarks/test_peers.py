"""The benchmark of the peers: all families in small, and the parts that could be wrong silently."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import _data
from benchmarks._merit import accuracies, as_classifier, costs
from benchmarks._scaling import chosen, scaled
from benchmarks.peers import _lassonet, _pruning, _rigl
from benchmarks.peers.__main__ import FAMILIES, run
from benchmarks.peers._points import SIZES, targets_down
from benchmarks.peers._recipe import recipe
from scann_sklearn import SCANNClassifier
from scann_sklearn.network import Network, Topology
from tests._optional import is_here, need

ROOT = Path(__file__).parents[2]
HERE = {"lassonet"} if is_here("lassonet") else set()


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """Folder with the records of the benchmark in small, run as a user would."""
    folder = tmp_path_factory.mktemp("peers")
    command = [sys.executable, "-m", "benchmarks.peers", "--quick", "--jobs", "1"]
    done = subprocess.run(
        [*command, "--into", str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ("lassonet is skipped" in done.stdout) == (not HERE)
    return folder


def read(folder):
    lines = map(json.loads, (folder / "peers.jsonl").read_text().splitlines())
    return {line["family"]: line for line in lines if "family" in line}


def test_every_family_leaves_a_record(quick):
    records = read(quick)
    assert set(records) == set(FAMILIES) - ({"lassonet"} - HERE)
    for family, record in records.items():
        assert record["points"], family
        for point in record["points"]:
            assert point["bytes"] > 0
            assert point["energy"] > 0
            assert (point["connections"] is None) == (family in ("tree", "forest", "boosting"))
        best = max(record["points"], key=lambda p: p["validation"])
        assert best["test"] > 0.65, family  # ten classes


def test_second_run_does_nothing(quick):
    before = (quick / "peers.jsonl").read_text()
    records = run(["digits"], [0], list(read(quick)), {}, n_jobs=1, quick=True, folder=quick)
    assert len(records.found) == len(read(quick))
    assert (quick / "peers.jsonl").read_text() == before


def test_report_of_the_records(quick, tmp_path):
    command = [sys.executable, "-m", "benchmarks.peers.report", "--into", str(tmp_path)]
    records = read(quick)
    points = records["rigl"]["points"]  # any frontier serves for a test
    ours = {k: records["rigl"][k] for k in ("data", "seed", "sha256")} | {"family": "SCANN"}
    ours["frontier"] = [[p["connections"], p["validation"], p["test"], 0.5] for p in points]
    ours |= dict.fromkeys(("best", "equal", "one_se"), points[0])
    (tmp_path / "scann.jsonl").write_text(json.dumps(ours) + "\n")
    files = [str(quick / "peers.jsonl"), str(tmp_path / "scann.jsonl")]
    done = subprocess.run(
        [*command, "--records", *files], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "| SCANN |" in done.stdout
    assert "| decision tree |" in done.stdout
    figures = {path.name for path in tmp_path.glob("*.png")}
    assert figures == {f"peers_{n}.png" for n in ("connections", "bytes", "energy", "ranks")}


@pytest.fixture(scope="module")
def digits():
    """Digits of scikit-learn, scaled."""
    return scaled(_data.load("digits", 0), "standard")


def test_digits_are_split_by_the_seed():
    zero, one = (_data.load("digits", seed) for seed in (0, 1))
    assert [len(p) for p in zero[1:6:2]] == [1077, 360, 360]
    np.testing.assert_array_equal(zero.X_test, one.X_test)
    assert not np.array_equal(zero.X_val, one.X_val)


def test_scaling_is_chosen_once(tmp_path):
    cell = ("digits", 3)
    record = {"data": "digits", "seed": 3, "sha256": _data.digest("digits"), "scaling": "robust"}
    (tmp_path / "scaling.jsonl").write_text(json.dumps(record) + "\n")
    assert chosen([cell], {}, 1, tmp_path) == {cell: "robust"}  # as it stands there


def test_scaled_by_the_training_part():
    parts = scaled(_data.load("digits", 0), "range")
    assert (parts.X_train.min(), parts.X_train.max()) == (0, 1)
    assert parts.X_test.dtype == np.float32
    assert parts.X_test.max() > 1  # larger than any in the training part


def test_pruned_perceptron_is_the_network_that_is_metered(digits):
    net = _pruning._Net(digits, 0, 0.02)
    net.train(3)
    for target in (2000, 700):
        net.prune(target)
        net.train(2)
    with torch.no_grad():
        expected = net.module(torch.from_numpy(digits.X_test)).numpy()
    np.testing.assert_allclose(net.network().decision_function(digits.X_test), expected, atol=1e-4)
    point = net.point("")
    classifier = as_classifier(net.network(), np.unique(digits.y_train))
    assert 0.95 * 700 <= point["connections"] <= 700
    assert point["connections"] == classifier.weights_.nnz
    assert point["test"] == pytest.approx(
        np.mean(expected.argmax(axis=1) == digits.y_test), abs=5e-6
    )


def test_pruning_begins_anew_from_the_dense_network(digits):
    net = _pruning._Net(digits, 0, 0.02)
    net.train(2)
    dense = net.state()
    net.prune(100)
    net.restore(dense)
    net.prune(1000)
    # as few as possible are dropped: with one more alive it would be too many
    assert 990 < net.point("")["connections"] <= 1000


@pytest.mark.parametrize("kind", ["layers", "free"])
def test_rigl_keeps_its_size(digits, kind):
    network = _rigl.Run(*recipe(digits, 0.02), 200, 0).train(kind, 20)
    assert network.n_connections == 200
    assert (network.topology.layer_sizes is None) == (kind == "free")


def test_rigl_starts_with_as_many_connections_for_each_layer(digits):
    network = _rigl.Run(*recipe(digits, 0.02), 1500, 0)._start((60, 40))
    assert network.topology.layer_sizes == (60, 40)
    ends = network.topology.indptr[[0, 60, 100, 110]]
    first, second, outputs = np.diff(ends)
    assert 0.9 < first / second < 1.3  # the last layer has no more than 400
    assert outputs > 300


def test_rigl_rate_falls_over_the_whole_training(digits):
    run = _rigl.Run(*recipe(digits, 0.02), 50, 0)
    options = _rigl._Options.like(run.options, 20)
    rates = [
        _rigl.replace(options, done=done).rate(epoch, 5) for done in (0, 5, 10) for epoch in (0, 4)
    ]
    assert rates[0] == 0.02
    assert rates == sorted(rates, reverse=True)
    assert rates[4] == pytest.approx(0.01)


@pytest.mark.parametrize("classes", [2, 10])
def test_lassonet_is_the_network_that_is_metered(digits, classes):
    need("lassonet")
    from lassonet import LassoNet

    parts = [digits.X_train, digits.y_train, digits.X_val, digits.y_val]
    parts = [*parts, digits.X_test, digits.y_test]
    labels = {2: lambda y: np.where(y > 4, "high", "low"), 10: lambda y: y * 3 + 1}[classes]
    data = _data.Parts(*(labels(a) if a.ndim == 1 else a for a in parts))
    item = _lassonet._path(data, 5, _lassonet.PENALTIES[:6:5], 0)[1]
    module = LassoNet(64, 5, classes)
    module.load_state_dict(item.state_dict)
    with torch.no_grad():
        best = module(torch.from_numpy(data.X_test)).argmax(dim=1).numpy()
    expected = np.unique(data.y_train)[best]
    classifier = as_classifier(_lassonet._network(item.state_dict), np.unique(data.y_train))
    assert np.mean(classifier.predict(data.X_test) == expected) > 0.997  # ties of rounding
    assert classifier.n_outputs_ == (1 if classes == 2 else 10)


def test_classifier_of_a_network_drops_what_does_nothing():
    #            inputs 0 1, hidden 2 3 4: 3 is fed by nothing, 4 leads nowhere
    mask = [[1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 1, 0, 0, 0]]
    topology = Topology.from_mask(np.array(mask), 2, 2)
    weight = np.array([1.0, 1.0, 2.0, -1.0, 0.0])  # the last connection has no strength
    network = Network(topology, weight, np.array([0.0, 3.0, 0.0, 0.5, 0.0]))
    classifier = as_classifier(network, np.array(["a", "b"]))
    assert (classifier.n_connections_, classifier.n_hidden_) == (2, 1)
    np.testing.assert_array_equal(classifier.biases_, [0.0, 0.5 - 3.0, 0.0])
    # 2 x0 - 2.5 against 0
    assert classifier.predict(np.array([[1.2, 9.0], [1.3, 9.0]])).tolist() == ["b", "a"]


def test_metered_as_a_synthesised_network(digits):
    own = SCANNClassifier(n_connections=150, random_state=0, input_scaling=None)
    own.set_params(scheme="A").fit(digits.X_train, digits.y_train)
    topology = Topology(64, 10, own.weights_.indptr, own.weights_.indices)
    same = as_classifier(Network(topology, own.weights_.data, own.biases_), own.classes_)
    assert costs(same) == costs(own)
    assert accuracies(same, digits) == accuracies(own, digits)


@pytest.mark.parametrize("first", [2600, 18_300, 60, 50])
def test_targets_meet_every_size(first):
    targets = targets_down(first)
    assert {size for size in SIZES if size < first} <= set(targets)
    steps = np.divide(targets, [first, *targets[:-1]]) if targets else np.array([1.0])
    assert (steps >= 0.79).all()
    assert (np.diff([first, *targets]) < 0).all()
