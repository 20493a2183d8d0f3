"""Benchmarks of images: what is compared has the connections that the tables say."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
import torch

from benchmarks import images
from benchmarks.speed import maps
from scann_sklearn import SCANNClassifier, SchemeC


@pytest.mark.parametrize("n_connections", [3000, 1000])
def test_lenet_5_has_its_connections(n_connections):
    rng = np.random.default_rng(0)
    network = maps.lenet_5(n_connections, rng)
    assert network.n_connections == n_connections
    assert network.n_allowed == 430_500
    module = maps.masked_lenet_5(n_connections, rng)
    masks = [m.mask for m in module.modules() if isinstance(m, maps.Masked)]
    assert [int(mask.sum()) for mask in masks] == list(maps.SHARES[n_connections])
    assert sum(mask.numel() for mask in masks) == 430_500
    assert module(torch.zeros(2, 784)).shape == (2, 10)


def test_lenet_300_100_has_its_connections():
    network = maps.lenet_300_100(8000, np.random.default_rng(0))
    assert network.n_connections == 8000
    assert network.n_allowed == 784 * 300 + 300 * 100 + 100 * 10


def test_epochs_are_timed():
    rng = np.random.default_rng(0)
    data = maps.objective(rng).take(np.arange(256))
    assert maps.our_epoch(maps.lenet_5(1000, rng), data, rng) > 0
    assert maps.torch_epoch(maps.masked_lenet_5(1000, rng), data, rng) > 0
    assert maps.our_convolutions(maps.lenet_5(1000, rng), rng) > 0


def test_a_row_says_what_a_network_takes():
    X_train, X_test, y_train, y_test = images.digits(0)
    clf = SCANNClassifier(
        SchemeC(initial_epochs=10, epochs=3, iterations=1),
        front_end=images.front_end("convolutions", images.LAYERS, (1, 8, 8)),
        hidden_layer_sizes=(20,),
        n_connections=300,
        validation_fraction=0.2,
        random_state=0,
    ).fit(X_train, y_train)
    row = images.result(clf, X_train, X_test, y_test)
    assert row["accuracy"] == pytest.approx(clf.score(X_test, y_test), abs=1e-5)
    assert abs(row["int8"] - row["accuracy"]) < 0.02
    assert row["connections"] == clf.n_connections_ > row["in_convolutions"] > 0
    assert 400 < row["flash"] < 2048
    assert row["macs"] > row["connections"]
    assert images.front_end("none", images.LAYERS, (1, 8, 8)) is None
