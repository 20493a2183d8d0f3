"""The synthesis loop: rounds, checkpoints, history and where a path ends."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from scann_sklearn.network import Network, Topology
from scann_sklearn.synthesis import (
    GrowConnections,
    GrowNeurons,
    PruneConnections,
    Scheme,
    SchemeB,
    Train,
    UnreachableOutputsError,
    _loop,
)

from ..network._nets import assert_clean, function
from ._run import Observer, prepare, synthesise

X, Y = load_iris(return_X_y=True)
X = scale(X)


class Rounds(Scheme):
    """The rounds that it is given, over ten hidden neurons."""

    def __init__(self, rounds=()):
        self.rounds_ = rounds

    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng):
        return self.largest(n_inputs, n_outputs, hidden_layer_sizes)

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes):
        return Topology.dense(n_inputs, n_outputs, n_hidden=sum(hidden_layer_sizes))

    def next_round(self, view, goal):
        return self.rounds_[view.number] if view.number < len(self.rounds_) else None


ROUNDS = [
    [Train(2)],
    [PruneConnections(20, "saliency", 0), GrowConnections(30, 3)],
    [GrowNeurons(2, 0.1, 1), PruneConnections(12, "magnitude", 2)],
    [GrowConnections(None, 1)],
]


def run(rounds, n_connections=None, observer=None, **parameters):
    synthesis, network = prepare(Rounds(), X, Y, (10,), **parameters)
    synthesis.scheme.rounds_ = rounds
    synthesis.run(network, n_connections, observer or Observer())
    return synthesis


def test_history_has_a_record_an_epoch():
    observer = Observer()
    history = run(ROUNDS, observer=observer).history
    assert [(r["round"], r["operation"], r["epoch"]) for r in history] == [
        (0, "train", 1),
        (0, "train", 2),
        (1, "grow connections", 1),
        (1, "grow connections", 2),
        (1, "grow connections", 3),
        (2, "grow neurons", 1),
        (2, "prune connections", 1),
        (2, "prune connections", 2),
        (3, "grow connections", 1),
    ]
    assert [r["n_connections"] for r in history[2:5]] == [30] * 3
    assert history[6]["n_connections"] <= 12
    assert history[5]["n_hidden"] == history[4]["n_hidden"] + 2
    scored = [r["epoch"] for r in history if r["validation_score"] is not None]
    assert scored == [2, 3, 1, 2, 1]  # at the end of each phase
    assert all(np.isfinite(r["loss"]) and r["learning_rate"] > 0 for r in history)
    assert [r["planned"] for r in observer.rounds] == [r["epochs"] for r in observer.rounds]
    assert [r["planned"] for r in observer.rounds] == [2, 3, 3, 1]


def test_every_step_is_a_checkpoint():
    seen = []

    def score(network):
        seen.append(network.n_connections)
        return -len(seen)

    frontier = run(ROUNDS, 1000, score=score).frontier
    dense = Topology.dense(4, 3, n_hidden=10).n_connections
    assert [seen[0], seen[2]] == [dense, 30]
    assert 0.95 * 20 <= seen[1] <= 20
    assert len(seen) == 6
    # each is worse than the one before: only those that are smaller than all before stay
    kept = [p.n_connections for p in frontier]
    assert kept == sorted({min(seen[: i + 1]) for i in range(6)})


def test_checkpoints_are_what_was_scored():
    scored = []

    def score(network):
        scored.append(function(network, X))
        return float(len(scored))

    synthesis = run(ROUNDS[:3], score=score)
    for point in synthesis.frontier:
        expected = scored[int(point.score) - 1]
        assert np.allclose(function(point.network, X), expected, rtol=1e-12, atol=1e-12)
        assert point.network.moments == ()


def test_an_observer_ends_the_synthesis():
    observer = Observer(stop_in_round=1)
    synthesis = run(ROUNDS, observer=observer)
    assert [r["number"] for r in observer.rounds] == [0, 1]
    assert synthesis.history[-1]["round"] == 1


FAR = _loop._ROUNDS_AT_END


def scores(values):
    remaining = iter(values)
    return lambda network: next(remaining)


@pytest.mark.parametrize(
    ("values", "n_rounds"),
    [
        ([0.9, *[0.8] * 10], 1 + FAR),  # so many rounds in a row more than 5 points below
        ([0.9, 0.8, 0.86, *[0.8] * 10], 3 + FAR),  # back within 5 points in between
        ([0.9, *[0.851] * 10], 11),  # less than 5 points
        ([0.5, 0.9, 0.8, 0.95, *[0.89] * 10], 4 + FAR),  # the best so far counts
    ],
)
def test_a_path_ends_when_the_score_has_fallen_far(values, n_rounds):
    rounds = [[Train(0)]] * len(values)
    observer = Observer()
    far_too = {"training_score": lambda network: 0.0}
    run(rounds, None, observer, score=scores(values), **far_too)
    assert len(observer.rounds) == n_rounds
    bound = Observer()
    run(rounds, 1000, bound, score=scores(values))
    assert len(bound.rounds) == len(values)  # only a path without a bound ends so
    overfitted = Observer()
    run(rounds, None, overfitted, score=scores(values), training_score=lambda network: 0.9)
    assert len(overfitted.rounds) == len(values)  # fewer connections may help


@pytest.mark.parametrize(("constant", "n_rounds"), [(0.0, 11), (0.85, 1 + FAR), (0.95, 1 + FAR)])
def test_far_is_a_share_of_what_the_best_has_gained_over_a_constant(constant, n_rounds):
    """Two points are far where a constant is only five below the best: most of a rare class."""
    values = [0.9, *[0.88] * 10]
    observer = Observer()
    scripted = {"score": scores(values), "training_score": lambda network: 0.88}
    run([[Train(0)]] * 11, None, observer, constant_score=constant, **scripted)
    assert len(observer.rounds) == n_rounds


@pytest.mark.parametrize("n_connections", [None, 10])
def test_outputs_that_cannot_be_reached(n_connections):
    """They end a path; with a bound, they are an error."""
    rounds = [[Train(0)], [PruneConnections(2, "magnitude", 0)], [Train(0)]]
    observer = Observer()
    if n_connections is None:
        synthesis = run(rounds, None, observer)
        assert len(observer.rounds) == 2
        assert len(synthesis.frontier) == 1
    else:
        with pytest.raises(UnreachableOutputsError, match="n_connections=2 is too small"):
            run(rounds, n_connections, observer)


def test_pruning_restores_connections_where_only_they_reach_an_output():
    # both outputs hang on the second layer's end: 4 connections, but 2 would do
    mask = np.zeros((4, 5), dtype=bool)
    mask[0, 0] = mask[1, 3] = mask[2, 4] = mask[3, 4] = True
    network = Network(Topology.from_mask(mask, 3, 2), np.ones(4), np.zeros(4))
    synthesis, _ = prepare(Rounds(), X[:, :3], np.minimum(Y, 1), (2,))
    for criterion in ("saliency", "magnitude"):
        pruned = PruneConnections(2, criterion, 0).apply(network, synthesis.batch())
        assert_clean(pruned)
        assert pruned.n_connections == 2


def test_steps_are_values():
    assert Train(3) == Train(3)
    assert PruneConnections(5, "magnitude", 1) != PruneConnections(5, "saliency", 1)
    network = prepare(SchemeB(), X, Y, (3,))[1]
    assert Train(3).apply(network, None) is network


def test_the_same_seed_gives_the_same_network():
    scheme = SchemeB(initial_epochs=2, epochs=1, iterations=2)
    first, again = (synthesise(scheme, X, Y, (6,), 15).network for _ in range(2))
    assert np.array_equal(first.weight, again.weight)
    assert np.array_equal(first.topology.indices, again.topology.indices)
    other = synthesise(scheme, X, Y, (6,), 15, seed=1).network
    assert not np.array_equal(first.weight, other.weight)
