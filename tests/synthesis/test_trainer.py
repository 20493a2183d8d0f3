"""Training: both engines do what torch's optimizers do, and hand over to each other."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from scann_sklearn.network import Topology
from scann_sklearn.synthesis import grow_all_connections, grow_neurons, prune_connections
from scann_sklearn.training._engine import choose_engine
from scann_sklearn.training._objective import Objective
from scann_sklearn.training._options import OPTIMIZERS
from scann_sklearn.training._order import Order
from scann_sklearn.training._trainer import Trainer, _class_of

from ..network._nets import (
    assert_close,
    plain_loss,
    plain_outputs,
    random_network,
    random_samples,
    random_topology,
)
from ._run import accuracy, objective_of, options_of

SOLVERS = {
    "adam": {"solver": "adam", "weight_decay": 0.0},
    "adam with decay": {"solver": "adam", "weight_decay": 0.02, "beta_1": 0.8, "epsilon": 1e-6},
    "adamw": {"solver": "adamw", "weight_decay": 0.05, "beta_2": 0.99},
    "sgd": {"solver": "sgd", "momentum": 0.0, "weight_decay": 0.01},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False, "weight_decay": 0.01},
    "nesterov": {"solver": "sgd", "weight_decay": 0.01, "momentum": 0.8},
}
TOPOLOGIES = {
    "general": random_topology(0, 4, 3, 0.6, n_hidden=8),
    "layered": random_topology(0, 4, 3, 0.8, layer_sizes=(5, 4)),
    "one output": random_topology(0, 4, 1, 0.7, n_hidden=6),
    "unclean": random_topology(5, 4, 3, 0.2, n_hidden=8),
}


def samples_for(network, n_samples=27, weighted=True, smoothing=0.1):
    X, y, weight = random_samples(network, 1, n_samples, weighted)
    return Objective.of_arrays(network, X, y, weight, smoothing)


def fresh(topology, dtype=np.float64):
    return random_network(topology, dtype=dtype).without_moments()


def ignore(*_):
    return False


def train(network, samples, options, n_epochs, seed=0, on_epoch=ignore):
    trainer = Trainer(samples, options, np.random.default_rng(seed), lambda network: 0.0)
    return trainer.train(network, n_epochs, on_epoch)


def train_plainly(network, samples, options, n_epochs, seed=0):
    """A loop over batches with torch's optimizer and a forward pass neuron by neuron."""
    t = network.topology
    weight = torch.tensor(network.weight, requires_grad=True)
    bias = torch.tensor(network.bias, requires_grad=True)
    groups = [{"params": [weight]}, {"params": [bias], "weight_decay": 0.0}]
    if options.solver == "sgd":
        nesterov = options.nesterovs_momentum and options.momentum > 0
        further = {"momentum": options.momentum, "nesterov": nesterov}
    else:
        further = {"betas": (options.beta_1, options.beta_2), "eps": options.epsilon}
    cls = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
    optimizer = cls[options.solver](
        groups, lr=options.learning_rate_init, weight_decay=options.weight_decay, **further
    )
    losses = []
    orders = Order(len(samples), options, np.random.default_rng(seed))
    for epoch in range(n_epochs):
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + np.cos(np.pi * epoch / n_epochs))
            factor = cosine if options.learning_rate == "cosine" else 1
            group["lr"] = options.learning_rate_init * factor
        order = orders.next()
        total = 0.0
        for first in range(0, len(order), options.batch_size):
            rows = order[first : first + options.batch_size]
            optimizer.zero_grad()
            dense = torch.zeros(t.n_targets, t.n_inputs + t.n_hidden, dtype=weight.dtype)
            where = tuple(torch.tensor(i.astype(np.int64)) for i in (t.targets, t.indices))
            outputs = plain_outputs(
                dense.index_put(where, weight), bias, t.n_inputs, torch.as_tensor(samples.X[rows])
            )
            targets = samples.targets
            loss = plain_loss(
                outputs, targets.labels[rows], targets.sample_weight[rows], targets.smoothing
            )
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        losses.append(total / len(order))
    moments = []
    for name in (
        OPTIMIZERS[options.solver].moments if options.solver != "sgd" or options.momentum else ()
    ):
        pair = (optimizer.state[p][name] for p in (weight, bias))
        moments.append(tuple(m.numpy() for m in pair))
    return weight.detach().numpy(), bias.detach().numpy(), moments, losses


@pytest.mark.parametrize("case", TOPOLOGIES)
@pytest.mark.parametrize("solver", SOLVERS)
def test_training_is_what_torch_does(solver, case):
    network = fresh(TOPOLOGIES[case])
    samples = samples_for(network)
    options = options_of(len(samples), batch_size=10, **SOLVERS[solver])
    weight, bias, moments, plain_losses = train_plainly(network, samples, options, 3)
    assert not np.allclose(weight, network.weight)
    for engine in ("compiled", "torch"):
        seen = []

        def on_epoch(*report, seen=seen):
            seen.append(report)

        trained = train(network, samples, replace(options, engine=engine), 3, on_epoch=on_epoch)
        assert_close(trained.weight, weight)
        assert_close(trained.bias, bias)
        epochs, losses, rates = zip(*seen, strict=True)
        assert epochs == (1, 2, 3)
        assert_close(losses, plain_losses)
        cosine = 0.5 * (1 + np.cos(np.pi * np.arange(3) / 3))
        assert_close(rates, options.learning_rate_init * cosine)
        assert trained.n_updates == 3 * 3
        for found, expected in zip(trained.moments, moments, strict=bool(moments)):
            assert_close(found[0], expected[0])
            assert_close(found[1], expected[1])


CHANGES = {
    "no shuffling": {"shuffle": False, "batch_size": 10},
    "one batch": {"batch_size": 1000},
    "one sample a batch": {"batch_size": 1},
    "constant rate": {"learning_rate": "constant", "batch_size": 10},
    "no smoothing": {"label_smoothing": 0.0, "batch_size": 10},
}


@pytest.mark.parametrize("change", CHANGES)
def test_further_options(change):
    network = fresh(TOPOLOGIES["general"])
    changes = CHANGES[change].copy()
    samples = samples_for(network, smoothing=changes.pop("label_smoothing", 0.1))
    options = options_of(len(samples), **changes)
    weight, bias, *_ = train_plainly(network, samples, options, 3)
    for engine in ("compiled", "torch"):
        trained = train(network, samples, replace(options, engine=engine), 3)
        assert_close(trained.weight, weight)
        assert_close(trained.bias, bias)


@pytest.mark.parametrize("n_samples", [1, 3])
def test_few_samples(n_samples):
    network = fresh(TOPOLOGIES["one output"])
    samples = samples_for(network, n_samples, weighted=False)
    options = options_of(n_samples)
    weight, *_ = train_plainly(network, samples, options, 3)
    for engine in ("compiled", "torch"):
        assert_close(train(network, samples, replace(options, engine=engine), 3).weight, weight)


@pytest.mark.parametrize("solver", SOLVERS)
def test_engines_in_single_precision(solver):
    network = fresh(TOPOLOGIES["general"], np.float32)
    samples = samples_for(network)
    options = options_of(len(samples), batch_size=10, **SOLVERS[solver])
    compiled = train(network, samples, replace(options, engine="compiled"), 4)
    by_torch = train(network, samples, replace(options, engine="torch"), 4)
    assert compiled.weight.dtype == by_torch.weight.dtype == np.float32
    assert_close(compiled.weight, by_torch.weight, 1e-4)
    assert_close(compiled.bias, by_torch.bias, 1e-4)
    for found, expected in zip(compiled.moments, by_torch.moments, strict=True):
        if options.solver != "sgd" or options.momentum:
            assert found[0].dtype == found[1].dtype == np.float32
            assert_close(found[0], expected[0], 1e-3)


def change_architecture(network, X):
    """One operation of each kind."""
    network = prune_connections(network, network.n_connections // 2)
    return grow_neurons(grow_all_connections(network), X, 2, noise=0.1, random_state=0)


@pytest.mark.parametrize("case", ["general", "layered", "one output"])
@pytest.mark.parametrize("solver", ["adam", "adamw", "nesterov"])
def test_engines_hand_over_to_each_other(solver, case):
    """Between epochs and across operations, with the memory of the optimizer."""
    samples = samples_for(fresh(TOPOLOGIES[case]))
    options = options_of(len(samples), batch_size=10, learning_rate="constant", **SOLVERS[solver])
    results = []
    for engines in (("compiled",) * 4, ("torch",) * 4, ("torch", "compiled", "compiled", "torch")):
        rng = np.random.default_rng(0)
        trainer = Trainer(samples, options, rng, lambda network: 0.0)
        network = fresh(TOPOLOGIES[case])
        for phase, engine in enumerate(engines):
            trainer.options = replace(options, engine=engine)
            network = trainer.train(network, 2, ignore)
            assert _class_of(engine, network) in trainer._engines
            if phase == 1:
                network = change_architecture(network, samples.X)
        results.append(network)
    first, *others = results
    assert first.n_updates == 4 * 2 * 3
    for other in others:
        assert np.array_equal(other.topology.indices, first.topology.indices)
        assert_close(other.weight, first.weight)
        assert_close(other.bias, first.bias)
        for found, expected in zip(other.moments, first.moments, strict=True):
            assert_close(found[0], expected[0])
            assert_close(found[1], expected[1])


def test_two_phases_are_one():
    """Moments and the count of updates survive between phases, also to a new trainer."""
    network = fresh(TOPOLOGIES["general"])
    samples = samples_for(network)
    for engine in ("compiled", "torch"):
        options = options_of(
            len(samples), batch_size=10, learning_rate="constant", shuffle=False, engine=engine
        )
        whole = train(network, samples, options, 4)
        halves = train(train(network, samples, options, 2), samples, options, 2)
        assert_close(halves.weight, whole.weight, 1e-12)
        assert halves.n_updates == whole.n_updates


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_training_leaves_what_it_is_given(engine):
    network = fresh(TOPOLOGIES["general"])
    samples = samples_for(network)
    options = options_of(len(samples), engine=engine)
    trained = train(network, samples, options, 2)
    before = [a.copy() for a in (trained.weight, trained.bias, *trained.moments[0])]
    train(trained, samples, options, 2)
    after = (trained.weight, trained.bias, *trained.moments[0])
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert train(trained, samples, options, 0) is trained


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_bit_equal_from_the_same_generator(engine):
    network = fresh(TOPOLOGIES["general"])
    samples = samples_for(network)
    options = options_of(len(samples), batch_size=10, engine=engine)
    torch_stream, numpy_stream = torch.get_rng_state(), np.random.get_state()[1].copy()
    first, again, other = (train(network, samples, options, 3, seed) for seed in (0, 0, 1))
    assert np.array_equal(first.weight, again.weight)
    assert not np.array_equal(first.weight, other.weight)
    assert torch.equal(torch.get_rng_state(), torch_stream)
    assert np.array_equal(np.random.get_state()[1], numpy_stream)


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_threads_do_not_disturb_each_other(engine):
    network = fresh(TOPOLOGIES["general"])
    samples = samples_for(network)
    options = options_of(len(samples), batch_size=10, engine=engine)

    def run(seed):
        return train(network, samples, options, 5, seed).weight

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(run, range(8)))
    assert all(np.array_equal(weight, run(seed)) for seed, weight in enumerate(together))


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_a_phase_ends_when_the_observer_says_so(engine):
    network = fresh(TOPOLOGIES["general"])
    samples = samples_for(network)
    options = options_of(len(samples), engine=engine, learning_rate="constant", shuffle=False)
    seen = []

    def on_epoch(epoch, *_):
        seen.append(epoch)
        return epoch == 2

    stopped = train(network, samples, options, 10, on_epoch=on_epoch)
    assert seen == [1, 2]
    assert np.array_equal(stopped.weight, train(network, samples, options, 2).weight)


@pytest.mark.parametrize(
    ("scores", "epochs"),
    [
        ([0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.96, 0.97], 8),  # ever better
        ([0.5] * 8, 4),  # the first is progress, three are not
        ([0.5, 0.4, 0.6, 0.5, 0.55, 0.605, 0.9, 0.9], 6),  # 0.605 is less than tol better
    ],
)
def test_early_stopping(scores, epochs):
    network = fresh(TOPOLOGIES["general"])
    samples = samples_for(network)
    options = options_of(len(samples), early_stopping=True, n_iter_no_change=3, tol=0.01)
    remaining, seen = iter(scores), []
    trainer = Trainer(samples, options, np.random.default_rng(0), lambda network: next(remaining))
    trainer.train(network, len(scores), lambda epoch, *_: seen.append(epoch))
    assert len(seen) == epochs


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_both_engines_learn(engine):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    network = random_network(Topology.dense(2, 1, layer_sizes=(12,))).without_moments()
    options = options_of(200, engine=engine, batch_size=40, learning_rate_init=0.05)
    trained = train(network, objective_of(X, y), options, 15)
    assert accuracy(X, y)(trained) > 0.9


def test_the_network_alone_chooses_the_engine():
    options = options_of(1000)
    sparse = random_network(random_topology(0, 50, 10, 0.05, n_hidden=100))
    dense = random_network(Topology.dense(561, 6, layer_sizes=(280, 140)))
    assert choose_engine(sparse, options) == "compiled"
    assert choose_engine(dense, options) == "torch"
    assert choose_engine(dense, replace(options, engine="compiled")) == "compiled"
    assert choose_engine(sparse, replace(options, engine="torch")) == "torch"
    assert choose_engine(sparse, replace(options, device="cuda")) == "torch"


@pytest.mark.parametrize("n_samples", [5, 150])
def test_samples_are_read_by_rows_or_by_features_with_the_same_result(monkeypatch, n_samples):
    """How they are read depends on their size, for speed alone."""
    network = random_network(TOPOLOGIES["general"], dtype=np.float32)
    objective = samples_for(network, n_samples)
    trained = []
    for most in (0, np.inf):
        monkeypatch.setattr("scann_sklearn.network._samples._CACHE", most)
        options = options_of(n_samples, batch_size=40)
        trainer = Trainer(objective, options, np.random.default_rng(0), lambda n: 0.0)
        trained.append(trainer.train(network, 2, lambda *_: None))
    assert np.array_equal(trained[0].weight, trained[1].weight)
    assert np.array_equal(trained[0].bias, trained[1].bias)
