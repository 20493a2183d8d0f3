"""The scheme of NeST: its seed, its rounds, and whole fits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from itertools import groupby

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits, load_iris

from scann_sklearn import (
    Conv2d,
    ConvFrontEnd,
    MaxPool2d,
    SCANNClassifier,
    SCANNRegressor,
    SchemeC,
    SchemeNeST,
)
from scann_sklearn.network import Topology
from scann_sklearn.network._convolution import MapShape, SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._pooling import MaxPool2d as Pooling
from scann_sklearn.synthesis import (
    GrowBridgingNeurons,
    GrowConnections,
    GrowMaps,
    PruneConnections,
    PruneNeurons,
    RestrictAreas,
    Train,
)
from scann_sklearn.synthesis._plan import Goal, PastRound, View

from ..classifier._helpers import same_network
from ..network._maps import random_map_network
from ..network._nets import random_network

SHORT = {"initial_epochs": 4, "epochs": 2, "growth_epochs": 1, "iterations": 1}


@pytest.mark.parametrize("density", [0.02, 0.1, 0.5, 1.0])
def test_the_seed_is_narrow_and_sparse(density):
    scheme = SchemeNeST(seed_density=density)
    t = scheme.start(64, 10, (300, 100), np.random.default_rng(0))
    assert t.layer_sizes == (120, 40)
    assert (np.diff(t.indptr) > 0).all()
    dense = Topology.dense(64, 10, layer_sizes=(120, 40)).n_connections
    assert (np.diff(t.indptr) >= 4).all()
    assert density * dense * 0.9 < t.n_connections < density * dense * 1.1 + 4 * 170
    narrow = scheme.start(64, 10, (5,), np.random.default_rng(0))
    assert np.array_equal(np.diff(narrow.indptr)[2:], np.full(10, 2))  # all that there are
    assert scheme.start(64, 10, (1,), np.random.default_rng(0)).layer_sizes == (1,)
    assert scheme.largest(64, 10, (300, 100)).n_connections == 64 * 300 + 300 * 100 + 1000


def test_the_seed_of_images_has_fewer_maps():
    conv = SparseConv2d.dense(MapShape(2, 12, 12), 20, 3, padding=1)
    pool = Pooling(conv.target, 2)
    front = MapFront((conv, pool, SparseConv2d.dense(pool.target, 5, 3, stride=2)))
    seed = SchemeNeST(seed_ratio=0.3).start_front(front)
    assert [c.n_maps for c in seed.layers] == [6, 4]  # 30 %, and four at least
    assert seed.kinds == front.kinds
    assert seed.layers[1].n_connections == 4 * 6 * 9
    assert SchemeC().start_front(front) is front


def view_of(network, number, n_maps=()):
    past = (PastRound(network.n_connections, network.n_hidden, 0.5),) * number
    return View(network, (20, 10), past, n_maps)


def test_growth_goes_to_the_sizes_that_were_asked_for():
    scheme = SchemeNeST(growth_iterations=3, growth_ratio=0.7, seed_density=0.1, **SHORT)
    network = random_network(scheme.start(6, 3, (20, 10), np.random.default_rng(0)))
    assert scheme.next_round(view_of(network, 0), Goal(30)) == [Train(4)]
    for number, sizes in ((1, (12, 6)), (2, (16, 8)), (3, (20, 10))):
        steps = scheme.next_round(view_of(network, number), Goal(30))
        new = tuple(size - there for size, there in zip(sizes, network.topology.layer_sizes))
        allowed = 6 * sizes[0] + sizes[0] * sizes[1] + sizes[1] * 3
        assert steps == [
            GrowBridgingNeurons(new, 0.1, 0.5, 1),
            GrowConnections(int((0.1 + 0.6 * number / 3) * allowed), 1),
        ]
        # it depends on what it is given alone
        assert steps == clone(scheme).next_round(view_of(network, number), Goal(30))
        assert scheme.n_rounds(view_of(network, number), Goal(30)) > 1 + 3
    larger = random_network(Topology.dense(6, 3, layer_sizes=(20, 10)))
    assert [s.name for s in scheme.next_round(view_of(larger, 2), Goal(30))] == ["grow connections"]


def test_maps_grow_too():
    scheme = SchemeNeST(growth_iterations=2, map_candidates=3, **SHORT)
    conv = SparseConv2d.dense(MapShape(1, 6, 6), 4, 3)
    network = random_map_network([conv], layer_sizes=(8, 4))
    *_, growth = scheme.next_round(view_of(network, 1, (10,)), Goal(30))
    assert growth == GrowMaps((3,), 3, 0.5, 1)  # from 4 of 10 to 7


@pytest.mark.parametrize("rounds", [0, 2])
def test_areas_are_restricted_when_growth_ends(rounds):
    scheme = SchemeNeST(growth_iterations=rounds, area_share=0.4, **SHORT)
    conv = SparseConv2d.dense(MapShape(1, 6, 6), 4, 3)
    network = random_map_network([conv], layer_sizes=(8, 4))
    for number in range(4):
        steps = scheme.next_round(view_of(network, number, (4,)), Goal(30))
        areas = [step for step in steps if isinstance(step, RestrictAreas)]
        assert areas == ([RestrictAreas(0.4, 1)] if number == rounds else [])
    neurons = random_network(Topology.dense(6, 3, layer_sizes=(20, 10)))
    for steps in (scheme.next_round(view_of(neurons, n), Goal(30)) for n in range(4)):
        assert not any(isinstance(step, RestrictAreas) for step in steps)


def test_a_fit_of_images_with_partial_areas():
    X, y = load_digits(return_X_y=True)
    scheme = SchemeNeST(growth_iterations=1, map_candidates=2, area_share=0.5, **SHORT)
    clf = SCANNClassifier(
        scheme,
        hidden_layer_sizes=(10,),
        front_end=ConvFrontEnd([Conv2d(6, 3), MaxPool2d(2)], input_shape=(1, 8, 8)),
        n_connections=150,
        validation_fraction=0.1,
        random_state=0,
    ).fit(X[:500], y[:500])
    assert "restrict areas" in operations(clf)
    (area,) = clf.front_end_.areas
    assert 0 < area.mean() < 0.9


def test_neurons_are_pruned_with_connections():
    scheme = SchemeNeST(growth_iterations=0, neuron_pruning=0.1, **SHORT)
    network = random_network(Topology.dense(6, 3, layer_sizes=(20, 10)))
    steps = scheme.next_round(view_of(network, 1), Goal(30))
    kept = int(0.8 * network.n_connections)
    assert steps == [PruneNeurons(0.1, 1), PruneConnections(kept, "magnitude", 2)]
    scheme.set_params(neuron_pruning=0.0, growth="gradient")
    assert [s.name for s in scheme.next_round(view_of(network, 1), Goal(30))] == [
        "prune connections"
    ]
    sparse = random_network(scheme.start(6, 3, (20, 10), np.random.default_rng(0)))
    steps = scheme.next_round(view_of(sparse, 1), Goal(10))
    assert [s.name for s in steps] == ["grow connections", "prune connections"]


def operations(clf):
    return [name for name, _ in groupby(r["operation"] for r in clf.history_)]


def test_a_fit_of_digits():
    X, y = load_digits(return_X_y=True)
    scheme = SchemeNeST(growth_iterations=2, neuron_pruning=0.05, **SHORT | {"epochs": 4})
    clf = SCANNClassifier(
        scheme, hidden_layer_sizes=(30, 20), n_connections=300, random_state=0
    ).fit(X[:900], y[:900])
    assert operations(clf)[:5] == ["train", *["grow bridging neurons", "grow connections"] * 2]
    assert "prune neurons" in operations(clf)
    widths = [r["n_hidden"] for r in clf.history_]
    assert widths[0] == 20
    assert max(widths) == 50
    assert clf.n_connections_ <= 300
    assert clf.score(X[900:], y[900:]) > 0.8
    again = clone(clf).fit(X[:900], y[:900])
    assert same_network(clf, again)


def test_by_its_name():
    X, y = load_iris(return_X_y=True)
    by_name = SCANNClassifier("NeST", hidden_layer_sizes=(8,), n_connections=30, random_state=0)
    clf = by_name.fit(X, y)
    assert clf.n_connections_ <= 30
    assert clf.score(X, y) > 0.85
    assert isinstance(SCANNClassifier("NeST").set_params(scheme__epochs=5).scheme, SchemeNeST)


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_a_fit_of_images(engine):
    X, y = load_digits(return_X_y=True)
    X = X[:500].reshape(-1, 1, 8, 8)
    front_end = ConvFrontEnd([Conv2d(6, 3), MaxPool2d(2), Conv2d(8, 2)])
    scheme = SchemeNeST(growth_iterations=2, map_candidates=2, **SHORT)
    clf = SCANNClassifier(
        scheme,
        hidden_layer_sizes=(10,),
        front_end=front_end,
        engine=engine,
        n_connections=250,
        random_state=0,
    ).fit(X, y[:500])
    assert "grow maps" in operations(clf)
    assert clf.n_connections_ <= 250
    assert clf.score(X, y[:500]) > 0.5
    most = max(clf.path_, key=lambda point: point.n_connections)
    maps = [layer.n_maps for layer in most.front_end.layers.layers]
    assert all(there <= asked for there, asked in zip(maps, (6, 8), strict=True))


def test_a_regressor():
    X, y = load_diabetes(return_X_y=True)
    scheme = SchemeNeST(growth_iterations=2, **SHORT | {"epochs": 8})
    reg = SCANNRegressor(scheme, hidden_layer_sizes=(10, 5), n_connections=40, random_state=0).fit(
        X, y
    )
    assert reg.n_connections_ <= 40
    assert reg.score(X, y) > 0.3


def test_no_layers():
    with pytest.raises(ValueError, match=r"SchemeNeST needs .* hidden_layer_sizes=\(\)"):
        SchemeNeST().start(4, 3, (), np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"hidden_layer_sizes .* got \(\)"):
        SCANNClassifier("NeST", hidden_layer_sizes=()).fit(*load_iris(return_X_y=True))
