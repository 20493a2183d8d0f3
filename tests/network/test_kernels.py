"""Every kernel once in pure Python: the same as compiled, and the same as torch.

Run with NUMBA_DISABLE_JIT=1 these tests cover the lines that the compiler hides from coverage.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
import torch

from scann_sklearn.heads._classes import numbered_head
from scann_sklearn.network import (
    Topology,
    _codes,
    _dormant,
    _edit,
    _exponential,
    _inference,
    _kernels,
    _losses,
    _training,
    _walks,
)
from scann_sklearn.training._objective import Objective

from ._nets import (
    assert_close,
    autograd,
    dense_weights,
    function,
    random_network,
    random_samples,
    random_topology,
)
from .test_engines import check_engines

pytestmark = pytest.mark.kernel_coverage

# five or more sources for some targets, so that the loops over four at a time have a rest
TINY = {
    "general": random_topology(3, 3, 3, 0.8, n_hidden=5),
    "layered": random_topology(3, 5, 2, 0.9, layer_sizes=(3, 2)),
    "one output": random_topology(3, 3, 1, 0.8, n_hidden=4),
    "unclean": random_topology(1, 3, 3, 0.35, n_hidden=6),
}
DTYPES = [np.float32, np.float64]


def graph(topology):
    return topology.n_inputs, topology.n_outputs, *topology.csr


def both(kernel, *arguments):
    """What a kernel returns and makes of its arguments; in pure Python it must be the same."""

    def run(function):
        own = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
        result = function(*own)
        returned = result if isinstance(result, tuple) else (result,)
        return returned, [a for a in own if isinstance(a, np.ndarray)]

    single = any(getattr(a, "dtype", None) == np.float32 for a in arguments)
    returned, changed = run(kernel)
    pure_returned, pure_changed = run(getattr(kernel, "py_func", kernel))
    for found, expected in zip((*returned, *changed), (*pure_returned, *pure_changed), strict=True):
        if found is not None:
            assert_close(found, expected, 1e-5 if single else 1e-12)
    return returned, changed


@pytest.mark.parametrize("case", TINY)
def test_walks(case):
    t = TINY[case]
    keep = np.random.default_rng(0).random(t.n_connections) < 0.7
    everything = np.ones(t.n_connections, dtype=bool)
    strength = np.random.default_rng(1).random(t.n_connections)
    both(_walks.used_inputs, t.n_inputs, t.csr[1])
    both(_walks.levels, t.n_inputs, *t.csr)
    both(_walks.fed, t.n_inputs, *t.csr, keep)
    both(_walks.living_connections, *graph(t), keep)
    ((chosen,), _) = both(_walks.essential_connections, *graph(t), strength)
    assert chosen.any() == t.reached_outputs.all()
    ((living,), _) = both(_walks.living_connections, *graph(t), everything)
    assert living[chosen].all()


def test_no_path_to_an_output():
    t = Topology.from_mask([[1, 1], [0, 0]], 2, 2)
    ((chosen,), _) = both(_walks.essential_connections, *graph(t), np.ones(2))
    assert not chosen.any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", TINY)
def test_edits(case, dtype):
    network = random_network(TINY[case], dtype=dtype)
    t = network.topology
    keep = np.random.default_rng(0).random(t.n_connections) < 0.6
    both(_edit.absorb_constants, t.n_inputs, *t.csr, keep, network.weight, network.bias)
    both(_edit.incoming_rms, t.csr[0], network.weight)
    copied = np.arange(t.n_hidden) % 2 == 0
    both(_edit.duplicate_connections, *graph(t), copied)
    X, *_ = random_samples(network, 0, 3)
    rtol = 1e-5 if dtype == np.float32 else 1e-12
    grown = network.duplicate(np.flatnonzero(copied), 0.0, np.random.default_rng(0))
    assert_close(function(grown, X), function(network, X), rtol)
    assert_close(network.decision_function(X), function(network, X), rtol)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("label_smoothing", [0.0, 0.2])
@pytest.mark.parametrize("case", TINY)
def test_against_autograd(case, label_smoothing, soft):
    check_engines(random_network(TINY[case]), 0, 5, True, label_smoothing, soft=soft)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", TINY)
def test_passes(case, dtype):
    network = random_network(TINY[case], dtype=dtype)
    t = network.topology
    X, y, sample_weight = random_samples(network, 0, 5, weighted=True)
    parameters = (*t.csr, network.weight, network.bias)
    work = _exponential.scratch(5, dtype)
    chunk = _exponential.scratch(_inference._FEW, dtype)
    head = numbered_head(t.n_outputs)
    for link in (_codes.IDENTITY, head.link):
        both(_inference._outputs, X, t.n_outputs, *parameters, link, chunk)
    ((activation, output), _) = both(_inference.activations, X, t.n_outputs, *parameters)
    numbers = np.zeros(_codes.N_NUMBERS, dtype)
    numbers[_codes.SMOOTHING] = 0.1
    delta_output, delta = np.zeros_like(output), np.zeros((t.n_hidden, 5), dtype)
    _, distributions, _ = random_samples(network, 0, 5, soft=True)
    for targets in (distributions, y):
        made = head.targets(targets, dtype=dtype)
        labels, soft = made.labels, made.values
        loss = (sample_weight, numbers, delta_output)
        if head.loss == _codes.LOGISTIC:
            both(_losses._logistic_loss, output, labels, soft, *loss, 5)
        elif soft.size:
            both(_losses._soft_softmax_loss, output, soft, *loss, work, 5)
        else:
            both(_losses._softmax_loss, output, labels, *loss, work, 5)
        _, changed = both(_losses.batch_loss, head.loss, output, labels, soft, *loss, work, 5)
    delta_output = changed[-1]
    both(_kernels.forward, t.n_inputs, *parameters, np.vstack([X.T, delta]), output, 5)
    both(
        _kernels.backward, t.n_inputs, *t.csr, network.weight, activation,
        delta_output, delta, np.zeros_like(network.weight), np.zeros_like(network.bias), 5,
    )  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
def test_loops_over_four_at_a_time(dtype):
    rng = np.random.default_rng(0)
    values, rows = rng.normal(size=(9, 3)).astype(dtype), rng.normal(size=(2, 3)).astype(dtype)
    row = rows[1].copy()
    weight, indices = rng.normal(size=9).astype(dtype), rng.permutation(9).astype(np.int32)
    rtol = 1e-5 if dtype == np.float32 else 1e-12
    for start, stop in ((0, 9), (1, 9), (2, 4), (3, 3)):
        w, i = weight[start:stop], indices[start:stop]
        _, (result, *_) = both(
            _kernels.add_weighted, rows, 1, start, stop, indices, weight, values, 3
        )
        assert_close(result[1], row + w @ values[i], rtol)
        gradient = np.zeros(9, dtype)
        _, changed = both(
            _kernels._dot_products, rows, 1, start, stop, indices, values, gradient, 3
        )
        assert_close(changed[-1][start:stop], values[i] @ row, rtol)
        _, changed = both(_kernels._add_outer, rows, 1, start, stop, indices, weight, 0, values, 3)
        expected = values.copy()
        expected[i] += w[:, None] * row
        assert_close(changed[-1], expected, rtol)


@pytest.mark.parametrize("dtype", DTYPES)
def test_exponentials(dtype):
    z = np.concatenate([np.linspace(-60, 0, 41), [0.0, -1e-9, -300.0, -800.0]]).astype(dtype)
    output = np.stack([z, np.zeros_like(z), z - 1])
    terms, work = np.empty_like(output), _exponential.scratch(len(z), dtype)
    both(_exponential.softmax_terms, output, terms, work, len(z))
    _exponential.softmax_terms(output, terms, work, len(z))
    expected = np.exp(output.astype(np.float64))
    rtol, lowest = (1e-6, 1e-37) if dtype == np.float32 else (1e-14, 1e-300)
    np.testing.assert_allclose(terms, expected, rtol=rtol, atol=lowest)
    np.testing.assert_allclose(work.total, terms.sum(axis=0), rtol=rtol)
    peak, result, power = np.zeros_like(z), np.empty_like(z), np.empty_like(z)
    both(_exponential._series, z[:41], peak, result[:41], power[:41], work.terms, 41)


def test_gradients_of_dormant_connections():
    for topology in TINY.values():
        network = random_network(topology)
        X, y, _ = random_samples(network, 0, 4)
        ((activation, delta),) = Objective.of_arrays(network, X, y).gradients(network)
        first, last = topology.allowed_sources
        ((score,), _) = both(
            _dormant.dormant_gradients, first, last, *topology.csr,
            activation, delta,
        )  # fmt: skip
        offset = np.append(0, np.cumsum(last - first))
        gradient = np.abs(autograd(network, X, y).dense)
        gradient[topology.to_mask()] = -1
        for t in range(topology.n_targets):
            expected = gradient[t, first[t] : last[t]]
            assert_close(score[offset[t] : offset[t + 1]], expected)


OPTIMIZERS = {
    "adam": (_codes.ADAM, torch.optim.Adam, {"betas": (0.8, 0.99), "eps": 1e-7}),
    "adam, tiny epsilon": (_codes.ADAM, torch.optim.Adam, {"betas": (0.9, 0.999), "eps": 1e-40}),
    "adamw": (_codes.ADAMW, torch.optim.AdamW, {"betas": (0.8, 0.99), "eps": 1e-7}),
    "sgd": (_codes.SGD, torch.optim.SGD, {"momentum": 0.0}),
    "momentum": (_codes.SGD, torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": (_codes.SGD, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
}


def numbers_of(settings, decay, dtype=np.float64):
    numbers = np.zeros(_codes.N_NUMBERS, dtype)
    numbers[_codes.LEARNING_RATE], numbers[_codes.WEIGHT_DECAY] = 0.1, decay
    betas = settings.get("betas", (0, 0))
    numbers[_codes.BETA_1], numbers[_codes.BETA_2] = betas
    numbers[_codes.EPSILON] = settings.get("eps", 0)
    numbers[_codes.MOMENTUM] = settings.get("momentum", 0)
    numbers[_codes.NESTEROV] = settings.get("nesterov", False)
    return numbers


@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_updates(name, decay):
    kind, cls, settings = OPTIMIZERS[name]
    rng = np.random.default_rng(0)
    start = rng.normal(size=5)
    parameter = torch.tensor(start, requires_grad=True)
    optimizer = cls([parameter], lr=0.1, weight_decay=decay, **settings)
    found, first, second = start.copy(), np.zeros(5), np.zeros(5)
    for step in range(1, 4):
        gradient = rng.normal(size=5) * np.array([1.0, 0.0, 1e-3, 1e-20, 1e3])
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        _, (_, found, _, first, second) = both(
            _training.update, kind, numbers_of(settings, decay), step, found, gradient, first,
            second, decay,
        )  # fmt: skip
        assert_close(found, parameter.detach().numpy(), 1e-12)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", ["general", "one output"])
@pytest.mark.parametrize("by_rows", [False, True])
def test_an_epoch(by_rows, case, dtype, soft):
    """Descent along autograd's gradients, batch by batch; the last batch is smaller."""
    network = random_network(TINY[case], dtype=dtype)
    t = network.topology
    X, y, sample_weight = random_samples(network, 0, 7, weighted=True, soft=soft)
    head = numbered_head(t.n_outputs)
    targets = head.targets(y, dtype=dtype)
    order = np.random.default_rng(0).permutation(7)
    numbers = numbers_of({"momentum": 0.5}, 0.1, dtype)
    zeros = [np.zeros_like(a) for a in (network.weight, network.bias) for _ in range(2)]
    table = (X if by_rows else np.ascontiguousarray(X.T)), by_rows
    (loss,), changed = both(
        _training.train_epoch, table, targets.labels, targets.values,
        sample_weight, order, 3, head.loss, t.n_outputs, *t.csr, t.used_inputs, network.weight,
        network.bias, _codes.SGD, numbers, 0, *zeros, _exponential.scratch(3, dtype),
    )  # fmt: skip
    weight, bias = changed[7:9]
    plain = random_network(TINY[case])
    buffer, bias_buffer, total = 0.0, 0.0, 0.0
    for rows in (order[:3], order[3:6], order[6:]):
        step = autograd(plain, X[rows], y[rows], sample_weight[rows])
        buffer = 0.5 * buffer + step.weight + 0.1 * plain.weight
        bias_buffer = 0.5 * bias_buffer + step.bias
        plain.weight[:] -= 0.1 * buffer
        plain.bias[:] -= 0.1 * bias_buffer
        total += step.loss * len(rows)
    rtol = 1e-5 if dtype == np.float32 else 1e-9
    assert_close(weight, plain.weight, rtol)
    assert_close(bias, plain.bias, rtol)
    assert_close(loss, total / 7, rtol)
    assert dense_weights(network).any()
