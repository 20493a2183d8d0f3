"""Operations on a GPU: the same as on the CPU. Without a GPU the tensors are on the CPU."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from scipy.sparse import csr_array
from sklearn.datasets import load_digits

from scann_sklearn import Conv2d, ConvFrontEnd, MaxPool2d, SCANNClassifier, SchemeB, SchemeC
from scann_sklearn.heads._classes import numbered_head
from scann_sklearn.heads._exits import Exits
from scann_sklearn.model._model import model_of
from scann_sklearn.network import Network, Topology, _device, _device_signals
from scann_sklearn.network._device import computes_gradients, computes_operations
from scann_sklearn.network._device_signals import device_signals
from scann_sklearn.network._samples import DenseSamples, SparseSamples
from scann_sklearn.synthesis import (
    _device_ranked,
    _selection,
    connection_saliency,
    grow_connections,
    prune_connections,
)
from scann_sklearn.synthesis._grow_back import grow_back
from scann_sklearn.training._objective import Objective

from .._devices import DEVICE
from ..network._nets import (
    assert_close,
    exit_networks,
    networks,
    random_network,
    random_samples,
    sound_networks,
)

HOST = "cpu:0"  # the kernels, also where the CPU counts as a GPU
SEEDS = st.integers(0, 2**16)


@pytest.fixture(autouse=True, scope="module")
def on_device():
    """Where there is no GPU, the CPU counts as one."""
    with pytest.MonkeyPatch.context() as patch:
        if DEVICE == "cpu":
            for module in (_device, _selection):
                patch.setattr(module, "computes_operations", lambda device: device == DEVICE)
        yield


def in_one_array(blocks):
    parts = [np.empty(0)]
    for first, size in blocks:
        assert first == sum(len(part) for part in parts)
        parts.append(np.asarray(size.cpu() if isinstance(size, torch.Tensor) else size))
    return np.concatenate(parts)


def both(network, objective):
    """Signals by kernels, and by torch on the device."""
    (by_kernels,) = objective.gradients(network)
    by_torch = device_signals(network, DEVICE, objective.samples, *objective.loss_arguments)
    return by_kernels, by_torch


def check_signals(network, objective, block, rtol=1e-9):
    by_kernels, signals = both(network, objective)
    for name in ("activation", "delta"):
        found, expected = getattr(signals, name).cpu().numpy(), getattr(by_kernels, name)
        assert found.dtype == expected.dtype
        assert_close(found, expected, rtol)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_device_signals, "_BLOCK", block)
        found = in_one_array(signals.candidates(network.topology.places))
    assert_close(found, in_one_array(network.candidates([by_kernels])), rtol)


BLOCKS = st.sampled_from([1, 5, 2**25])


@settings(max_examples=40)
@given(networks(), SEEDS, st.booleans(), st.sampled_from([0.0, 0.1]), BLOCKS)
def test_gradients_are_those_of_the_kernels(network, seed, weighted, smoothing, block):
    X, y, sample_weight = random_samples(network, seed, 6, weighted)
    check_signals(network, Objective.of_arrays(network, X, y, sample_weight, smoothing), block)


@settings(max_examples=30)
@given(exit_networks(), SEEDS, BLOCKS)
def test_gradients_of_exits(network, seed, block):
    t, rng = network.topology, np.random.default_rng(seed)
    inner = numbered_head(t.n_outputs // len(t.exits))
    X, y = rng.normal(size=(6, network.n_inputs)), rng.integers(len(inner.classes), size=6)
    head = Exits(inner, len(t.exits), distillation=0.3)
    check_signals(network, Objective(X, head.targets(y), head), block)


@settings(max_examples=40)
@given(networks(), SEEDS, st.booleans(), st.sampled_from([np.float32, np.float64]))
def test_importance_is_that_of_the_kernels(network, seed, weighted, dtype):
    network = random_network(network.topology, seed, dtype)
    X, y, sample_weight = random_samples(network, seed, 6, weighted)
    compiled = connection_saliency(network, X, y, sample_weight=sample_weight, device=HOST)
    found = connection_saliency(network, X, y, sample_weight=sample_weight, device=DEVICE)
    assert found.dtype == compiled.dtype == dtype
    assert_close(found, compiled, 1e-9 if dtype == np.float64 else 1e-4)


@pytest.mark.parametrize("shape", [{"n_hidden": 12}, {"layer_sizes": (8, 4)}])
def test_single_precision(shape):
    network = random_network(Topology.dense(5, 3, **shape), dtype=np.float32)
    X, y, _ = random_samples(network, 0, 6)
    check_signals(network, Objective.of_arrays(network, X, y), 7, 1e-4)


def test_the_same_is_refused_as_on_the_cpu():
    network = random_network(Topology.dense(5, 3, n_hidden=4))
    for device in (DEVICE, HOST):
        with pytest.raises(ValueError, match=r"X of shape \(6, 7\) doesn't fit"):
            connection_saliency(network, np.ones((6, 7)), np.zeros(6, int), device=device)
        with pytest.raises(ZeroDivisionError, match="sum to zero"):
            connection_saliency(
                network, np.ones((6, 5)), np.zeros(6, int), sample_weight=np.zeros(6), device=device
            )


def test_a_device_that_is_not_there():
    network = random_network(Topology.dense(5, 3, n_hidden=4))
    X, y, _ = random_samples(network, 0, 6)
    message = "device='gpu' can't be used here: .*gpu"
    with pytest.raises(ValueError, match=message):
        prune_connections(network, 12, device="gpu")
    for operation in (partial(grow_connections, n_connections=40), connection_saliency):
        with pytest.raises(ValueError, match=message):
            operation(network, X, y, device="gpu")


def test_arrays_that_run_backwards_and_without_gradients():
    network = random_network(Topology.dense(5, 3, n_hidden=4))
    X, y, weight = random_samples(network, 0, 6, weighted=True)
    expected = connection_saliency(network, X[::-1], y[::-1], sample_weight=weight[::-1])
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            found = connection_saliency(
                network, X[::-1], y[::-1], sample_weight=weight[::-1], device=DEVICE
            )
        assert_close(found, expected)
    kept = prune_connections(network, 12, saliency=expected[::-1], device=DEVICE)
    expected = prune_connections(network, 12, saliency=expected[::-1], device=HOST)
    assert np.array_equal(kept.weight, expected.weight)


@given(networks(), st.integers(1, 60))
def test_rectangles_cover_all_places_once(network, area):
    places = network.topology.places
    end = 0
    for rows, columns in places.rectangles(area):
        assert rows.start == end
        end = rows.stop
        first, last = places.first[rows], places.last[rows]
        width = columns.stop - columns.start
        assert rows.stop - rows.start == 1 or (rows.stop - rows.start) * width <= area
        assert (first >= columns.start).all()
        assert (last <= columns.stop).all()
    assert end == network.topology.n_targets


@pytest.mark.parametrize("loss", ["binary_log_loss", "squared_error", "absolute_error", "huber"])
def test_every_loss(loss):
    rng = np.random.default_rng(0)
    network = random_network(Topology.dense(4, 2, n_hidden=5))
    X = rng.normal(size=(30, 4))
    y = (X[:, :2] > 0).astype(int) if loss == "binary_log_loss" else 3 * X[:, :2]
    check_signals(network, Objective.of_arrays(network, X, y, loss=loss), 7)


@settings(max_examples=30)
@given(sound_networks(), SEEDS, st.floats(0, 1))
def test_growth_takes_as_large_gradients(network, seed, share):
    """Rounding can exchange two connections with nearly the same gradient, but not more."""
    X, y, _ = random_samples(network, seed, 6)
    n = round(share * network.n_allowed)
    compiled = grow_connections(network, X, y, n, device=HOST)
    grown = grow_connections(network, X, y, n, device=DEVICE)
    assert grown.n_connections == compiled.n_connections
    (by_kernels,) = Objective.of_arrays(network, X, y).gradients(network)
    sizes = in_one_array(network.candidates([by_kernels]))
    assert_close(*(np.sort(sizes[net.topology.dormant()]) for net in (grown, compiled)))


@pytest.mark.parametrize("n", [25, 40, 60])
@pytest.mark.parametrize("shape", [{"n_hidden": 12}, {"layer_sizes": (8, 4)}])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pruning_keeps_the_same(shape, n, dtype):
    network = random_network(Topology.dense(5, 3, **shape), dtype=dtype)
    pruned, compiled = (prune_connections(network, n, device=d) for d in (DEVICE, HOST))
    assert np.array_equal(pruned.topology.indices, compiled.topology.indices)
    assert np.array_equal(pruned.weight, compiled.weight)


@pytest.mark.parametrize("shape", [{"n_hidden": 12}, {"layer_sizes": (8, 4)}])
def test_neurons_grow_back(shape):
    dense = random_network(Topology.dense(5, 3, **shape))
    network = prune_connections(dense, 20)
    X = np.random.default_rng(0).standard_normal((40, 5))
    y = np.random.default_rng(1).integers(3, size=40)
    objective = Objective.of_arrays(network, X, y)
    neurons = shape.get("n_hidden") or shape["layer_sizes"]
    grown = [
        grow_back(network, objective, 60, neurons, np.random.default_rng(seed), DEVICE)
        for seed in (0, 0, 1)
    ]
    assert {g.n_connections for g in grown} == {60}
    assert np.array_equal(grown[0].weight, grown[1].weight)
    assert not np.array_equal(grown[0].topology.indices, grown[2].topology.indices)
    assert_close(grown[0].decision_function(X), network.decision_function(X))


def test_a_long_chain_is_walked_to_its_end():
    """Each neuron hears only the one before it: as many rounds as neurons."""
    n = 50
    indptr, indices = np.arange(n + 2), np.arange(n + 1)
    network = Network.initialize(Topology(1, 1, indptr, indices), 0)
    score = np.linspace(1, 2, n + 1)
    ranked = _device_ranked.DeviceRanked.of(network.graph, score, DEVICE)
    every = ranked.beyond(0)
    assert ranked.count(ranked.living(every)) == n + 1
    assert ranked.reaches_outputs(every)
    every[20] = False
    assert ranked.count(ranked.living(every)) == 0
    assert not ranked.reaches_outputs(every)


@pytest.mark.parametrize("scheme", [SchemeB(iterations=2), SchemeC(iterations=2)])
def test_a_fit(scheme):
    X, y = load_digits(return_X_y=True)
    clf = SCANNClassifier(
        scheme.set_params(epochs=3, growth_epochs=1),
        hidden_layer_sizes=(30,),
        n_connections=400,
        device=DEVICE,
        random_state=0,
    ).fit(X, y)
    assert clf.n_connections_ <= 400
    assert clf.score(X, y) > 0.8


def test_a_fit_with_convolutions():
    """Their gradients are computed by kernels."""
    X, y = load_digits(return_X_y=True)
    clf = SCANNClassifier(
        SchemeC(iterations=2, epochs=3, growth_epochs=1),
        front_end=ConvFrontEnd([Conv2d(4, 3), MaxPool2d(2)], (1, 8, 8)),
        hidden_layer_sizes=(10,),
        n_connections=200,
        device=DEVICE,
        random_state=0,
    ).fit(X, y)
    assert clf.n_connections_ <= 200
    assert not computes_gradients(DEVICE, model_of(clf).network, DenseSamples(X))


def test_which_devices_compute_operations():
    named = ("cuda", "cuda:1", torch.device("cuda"), "cpu", "mps", "meta")
    assert [computes_operations(d) for d in named] == [True, True, True, False, False, False]
    network = random_network(Topology.dense(4, 2, n_hidden=5))
    assert computes_gradients(DEVICE, network, DenseSamples(np.ones((2, 4))))
    assert not computes_gradients(DEVICE, network, SparseSamples(csr_array((2, 4))))
