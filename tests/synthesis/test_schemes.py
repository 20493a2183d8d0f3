"""Schemes A, B and C: seeds, rounds, bounds, parameters; and one that a user writes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import doctest
import itertools
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.preprocessing import scale

from scann_sklearn import SCANNClassifier
from scann_sklearn.network import Topology
from scann_sklearn.synthesis import (
    GrowConnections,
    GrowNeurons,
    PruneConnections,
    Scheme,
    SchemeA,
    SchemeB,
    SchemeC,
    SchemeNeST,
    Train,
)

from ..classifier._helpers import same_network
from ..network._nets import assert_clean
from ._run import Observer, prepare, synthesise

X, Y = load_iris(return_X_y=True)
X = scale(X)
# small enough for a test; the shape of the synthesis is that of the defaults
SHORT = {"initial_epochs": 3, "epochs": 1, "growth_epochs": 1, "iterations": 2}
SCHEMES = {
    "A": SchemeA(**SHORT, growth_iterations=3, added_hidden=2),
    "B": SchemeB(**SHORT),
    "C": SchemeC(**SHORT),
    "NeST": SchemeNeST(**SHORT, growth_iterations=3),
}
PAPER = {
    "A": SchemeA(
        **SHORT, growth_iterations=3, initial_pruning=0.5, growth_limit=None,
        pruning_criterion="magnitude",
    ),
    "B": SchemeB(**SHORT, pruning_ratio=None, growth_limit=None, pruning_criterion="magnitude"),
    "C": SchemeC(**SHORT, pruning_ratio=None, growth="full", pruning_criterion="magnitude"),
}  # fmt: skip
LAYERS = (6, 4)


def check_network(network, scheme):
    assert_clean(network)
    assert (network.topology.layer_sizes is not None) == isinstance(scheme, SchemeC | SchemeNeST)


@pytest.mark.parametrize("n_connections", [12, 30])
@pytest.mark.parametrize("kind", SCHEMES)
def test_schemes_keep_the_bound(kind, n_connections):
    scheme = SCHEMES[kind]
    synthesis = synthesise(scheme, X, Y, LAYERS, n_connections)
    check_network(synthesis.network, scheme)
    assert synthesis.network.n_connections <= n_connections
    if kind != "A":  # which is smaller than that already on so little data
        assert synthesis.network.n_connections > 0.7 * n_connections
    for point in synthesis.frontier:
        check_network(point.network, scheme)
    assert next(iter(synthesis.frontier)).n_connections <= n_connections
    # the last rounds end at the bound
    prunings = [r for r in synthesis.history if r["operation"] == "prune connections"]
    assert all(r["n_connections"] <= n_connections for r in prunings[-2:])


@pytest.mark.parametrize("layers", [(6, 4), (1,), (1, 1, 1)])
@pytest.mark.parametrize("kind", SCHEMES)
def test_the_smallest_bound(kind, layers):
    scheme = SCHEMES[kind]
    fewest = scheme.largest(4, 3, layers).minimum_connections
    assert fewest == (3 + len(layers) if kind in ("C", "NeST") else 3)
    synthesis = synthesise(scheme, X, Y, layers, fewest)
    check_network(synthesis.network, scheme)
    assert synthesis.network.n_connections == fewest
    binary = synthesise(scheme, X, np.minimum(Y, 1), layers, fewest - 2)
    assert binary.network.n_connections == fewest - 2
    assert next(iter(binary.frontier)).n_connections == fewest - 2


@pytest.mark.parametrize("kind", SCHEMES)
def test_a_bound_that_binds_nothing(kind):
    scheme = SCHEMES[kind]
    synthesis = synthesise(scheme, X, Y, LAYERS, scheme.largest(4, 3, LAYERS).n_allowed)
    check_network(synthesis.network, scheme)


@pytest.mark.parametrize("kind", PAPER)
def test_pruning_at_once(kind):
    scheme = PAPER[kind]
    synthesis = synthesise(scheme, X, Y, LAYERS, 20)
    check_network(synthesis.network, scheme)
    assert synthesis.network.n_connections <= 20


@pytest.mark.parametrize("kind", SCHEMES)
def test_a_path_without_a_bound_comes_to_an_end(kind):
    scheme = clone(SCHEMES[kind]).set_params(epochs=2, initial_epochs=10)
    observer = Observer()
    synthesis = synthesise(scheme, X, Y, LAYERS, None, observer)
    points = list(synthesis.frontier)
    sizes = [r["n_connections"] for r in synthesis.history if r["operation"].startswith("prune")]
    assert min(sizes) < 15  # it went far down
    assert points[0].n_connections <= 15
    assert [p.score for p in points] == sorted(p.score for p in points)
    assert len(observer.rounds) < 60


def test_digits():
    """A network of a few hundred connections learns the digits, whatever the scheme."""
    digits, labels = load_digits(return_X_y=True)
    digits = (digits[:900] / 8 - 1).astype(np.float32)
    for scheme in (SchemeA(growth_iterations=2), SchemeB(), SchemeC(), SchemeNeST()):
        scheme.set_params(initial_epochs=6, epochs=3, iterations=2, pruning_ratio=0.5)
        synthesis = synthesise(scheme, digits, labels[:900], (20, 15), 300)
        assert synthesis.network.n_connections == 300
        assert synthesis.network.weight.dtype == np.float32
        assert synthesis.last_score > 0.85


def rounds_of(scheme, n_connections, layers=LAYERS):
    """Every round's steps, and the network before each round."""
    synthesis, network = prepare(scheme, X, Y, layers)
    seen, next_round = [], scheme.next_round

    def watched(view, goal):
        steps = next_round(view, goal)
        if steps is not None:
            seen.append((view.network, steps))
        return steps

    scheme.next_round = watched
    synthesis.run(network, n_connections, Observer())
    del scheme.next_round
    return seen


def test_scheme_a_starts_small_and_grows():
    scheme = SchemeA(
        **SHORT, initial_hidden=4, added_hidden=3, growth_iterations=4, growth_ratio=0.5
    )
    seen = rounds_of(scheme, 10)
    assert seen[0][1] == [Train(3)]
    assert seen[0][0].n_hidden == 4
    growing = [(network, s) for network, s in seen if isinstance(s[0], GrowConnections)][:4]
    for network, steps in growing:
        t = network.topology
        assert steps[0] == GrowConnections(int(0.5 * t.n_allowed), 1)
        room = 10 - t.n_hidden
        expected = [GrowNeurons(min(3, room), 0.1, 1)] if room else []
        assert steps[1:-1] == expected
    assert all(network.n_hidden <= 10 for network, _ in seen)


def prunings_of_growth(scheme):
    """Connections before and after each pruning in the rounds that grow neurons."""
    history = synthesise(scheme, X, Y, (20,), 15).history
    last = max(r["round"] for r in history if r["operation"] == "grow neurons")
    sizes = {(r["round"], r["operation"]): r["n_connections"] for r in history}
    operations = list(sizes.items())
    for before, after in itertools.pairwise(operations):
        if after[0][1] == "prune connections" and after[0][0] <= last:
            yield before[1], after[1]


def test_scheme_a_drops_a_share_of_the_existing_connections():
    scheme = SchemeA(**SHORT, pruning_ratio=0.25, growth_iterations=4)
    for before, after in prunings_of_growth(scheme):
        assert 0.9 * 0.75 * before <= after <= 0.75 * before


def test_scheme_a_survives_a_high_pruning_ratio():
    scheme = SchemeA(**SHORT, pruning_ratio=0.95, growth_iterations=2)
    assert synthesise(scheme, X, Y, LAYERS, 10).network.n_connections <= 10


def test_scheme_a_keeps_to_its_most_neurons():
    scheme = SchemeA(**SHORT, initial_hidden=1.0, max_hidden=5, added_hidden=3)
    assert scheme.start(4, 3, LAYERS, np.random.default_rng(0)).n_hidden == 5
    assert scheme.largest(4, 3, LAYERS).n_hidden == 5
    assert all(network.n_hidden <= 5 for network, _ in rounds_of(scheme, 10))


def test_scheme_b_prunes_hard_and_grows_back():
    scheme = SchemeB(**SHORT, initial_pruning=0.6, pruning_ratio=0.4, growth_limit=0.5)
    seen = rounds_of(scheme, 10)
    largest = Topology.dense(4, 3, n_hidden=10).n_connections
    assert seen[0][0].n_connections == largest
    targets = [steps[-1].n_connections for _, steps in seen[1:]]
    assert targets[0] == int(0.4 * largest)
    way_down = targets[: targets.index(10)]
    assert way_down[1:] == [int(t * 0.8) for t in way_down[:-1]]  # half of it: they are few
    assert targets[-2:] == [10, 10]
    for network, steps in seen[1:]:
        t = network.topology
        ceiling = min(int(0.9 * t.n_allowed), int(steps[-1].n_connections * 1.5))
        growth = [step for step in steps if isinstance(step, GrowConnections)]
        assert growth == ([GrowConnections(ceiling, 1)] if ceiling > t.n_connections else [])


def test_scheme_b_of_the_paper_grows_back_to_its_ratio():
    seen = rounds_of(clone(PAPER["B"]).set_params(growth_ratio=0.8, iterations=3), 20)
    targets = [steps[-1].n_connections for _, steps in seen[1:]]
    assert targets == [20, 20, 20]  # to the bound at once
    for network, steps in seen[2:]:
        assert steps[0] == GrowConnections(int(0.8 * network.topology.n_allowed), 1)


def test_full_growth():
    first, *others = rounds_of(PAPER["C"], 20)[1:]
    assert first[1] == [PruneConnections(20, "magnitude", 1)]  # nothing is left to grow
    for network, steps in others:
        assert steps == [GrowConnections(None, 1), PruneConnections(20, "magnitude", 1)]
        assert len(network.topology.layer_sizes) == 2


@pytest.mark.parametrize("kind", "BC")
def test_no_growth(kind):
    scheme = clone(SCHEMES[kind]).set_params(growth="none", final_epochs=4)
    rounds = [steps for _, steps in rounds_of(scheme, 15)]
    assert all(isinstance(step, PruneConnections) for steps in rounds[1:] for step in steps)
    assert [step.epochs for steps in rounds for step in steps][-2:] == [1, 4]


@pytest.mark.parametrize("pruning", [0.0, 0.5, 0.97])
def test_the_sparse_seed_of_scheme_a(pruning):
    scheme = SchemeA(initial_pruning=pruning, initial_hidden=1.0)
    dense = Topology.dense(8, 5, n_hidden=30)
    topology = scheme.start(8, 5, (30,), np.random.default_rng(0))
    assert topology.reached_outputs.all()
    assert (np.diff(topology.indptr) > 0).all()
    expected = dense.n_connections * (1 - pruning)
    assert expected * 0.9 - 15 < topology.n_connections < expected * 1.1 + 35 + 15
    again = scheme.start(8, 5, (30,), np.random.default_rng(0))
    assert np.array_equal(again.indices, topology.indices)


def test_the_classifier_reaches_the_parameters_of_its_scheme():
    clf = SCANNClassifier(SchemeB())
    clf.set_params(scheme__growth_ratio=0.4)
    assert clf.scheme.growth_ratio == 0.4
    assert clf.get_params()["scheme__growth_ratio"] == 0.4
    clf.set_params(scheme__epochs=-1)
    with pytest.raises(ValueError, match="'epochs' parameter of SchemeB .* Got -1 instead"):
        clf.fit(X, Y)


class Halving(Scheme):
    """A scheme of a user's: train a small network, then halve it as often as possible."""

    def __init__(self, n_hidden=5, epochs=3):
        self.n_hidden = n_hidden
        self.epochs = epochs

    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng):
        return self.largest(n_inputs, n_outputs, hidden_layer_sizes)

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes):
        return Topology.dense(n_inputs, n_outputs, n_hidden=self.n_hidden)

    def next_round(self, view, goal):
        bound, size = goal.n_connections or 0, view.network.n_connections
        if view.number == 0:
            return [Train(self.epochs)]
        if size <= bound:
            return None
        return [PruneConnections(max(size // 2, bound), "saliency", self.epochs)]


def test_a_scheme_of_ones_own():
    synthesis = synthesise(Halving(), X, Y, (), 9)
    sizes = sorted({r["n_connections"] for r in synthesis.history}, reverse=True)
    assert sizes[:2] == [57, 28]
    assert sizes[-1] <= 9
    assert len(synthesise(Halving(), X, Y, (), None).frontier) >= 1
    with pytest.raises(ValueError, match="'epochs' parameter of Halving .* Got -2 instead"):
        Halving(epochs=-2).validate()


def test_the_classifier_takes_a_scheme_of_ones_own():
    clf = SCANNClassifier(Halving(), n_connections=12, random_state=0).fit(X, Y)
    assert clf.n_connections_ <= 12
    assert {r["operation"] for r in clf.history_} == {"train", "prune connections"}
    assert clf.set_params(scheme__n_hidden=2, n_connections=0.5).fit(X, Y).n_connections_ <= 13


def scheme_of_the_docs():
    """The scheme in the developer guide, as it stands there."""
    page = Path(__file__).parents[2] / "docs" / "developer" / "schemes.rst"
    names = {}
    for example in doctest.DocTestParser().get_examples(page.read_text(encoding="utf-8")):
        exec(example.source, names)
        if "Halving" in names:
            return names["Halving"](epochs=20)


@pytest.mark.parametrize("n_connections", ["auto", 30, 0.2])
def test_the_scheme_of_the_docs(n_connections):
    classifier = SCANNClassifier(
        scheme_of_the_docs(), hidden_layer_sizes=(10,), n_connections=n_connections, random_state=0
    ).fit(X, Y)
    assert classifier.n_connections_ <= {"auto": 127, 30: 30, 0.2: 25}[n_connections]
    assert classifier.score(X, Y) > 0.8


def test_a_scheme_that_stays_above_the_bound():
    class Stays(SchemeB):
        def next_round(self, view, goal):
            return [Train(20)] if view.number == 0 else None

    classifier = SCANNClassifier(Stays(), n_connections=30, random_state=0).fit(X, Y)
    assert classifier.n_connections_ <= 30  # pruned to it, untrained


class Generator(SchemeB):
    """Scheme B in the former way: a generator that changes what another one yields."""

    def rounds(self, synthesis, n_connections):
        for steps in super().rounds(synthesis, n_connections):
            assert synthesis.hidden_layer_sizes == (10,)
            yield steps


@pytest.mark.parametrize("n_connections", ["auto", 20])
def test_generators_are_carried_out_with_a_warning(n_connections):
    options = {"hidden_layer_sizes": (10,), "n_connections": n_connections, "random_state": 0}
    old = SCANNClassifier(Generator(**SHORT), **options)
    with pytest.warns(FutureWarning, match=r"Generator defines rounds.*Define next_round"):
        old.fit(X, Y)
    new = SCANNClassifier(SchemeB(**SHORT), **options).fit(X, Y)
    assert same_network(old, new)
    assert old.history_ == new.history_


@pytest.mark.parametrize("kind", SCHEMES)
def test_the_next_round_depends_on_what_it_sees_alone(kind):
    """Asked again about any moment of a synthesis, a scheme says the same: fits can be resumed."""
    scheme, views = clone(SCHEMES[kind]), []
    next_round = scheme.next_round

    def watched(view, goal):
        views.append((view, goal, next_round(view, goal)))
        return views[-1][-1]

    synthesis, network = prepare(scheme, X, Y, LAYERS)
    scheme.next_round = watched
    synthesis.run(network, 25, Observer())
    assert len(views) > 3
    for view, goal, steps in reversed(views):
        assert SCHEMES[kind].next_round(view, goal) == steps


def test_a_scheme_without_rounds():
    class Nothing(Halving):
        next_round = Scheme.next_round

    with pytest.raises(NotImplementedError, match="Nothing has no next_round"):
        SCANNClassifier(Nothing()).fit(X, Y)


def test_a_base_class_is_no_scheme():
    with pytest.raises(TypeError, match="abstract"):
        Scheme()


def test_a_pruning_step_with_an_unknown_criterion():
    with pytest.raises(ValueError, match="criterion.*'oops'"):
        PruneConnections(100, "oops", 1)
