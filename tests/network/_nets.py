"""Random networks, and what they compute by the plainest means."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from types import SimpleNamespace

import numpy as np
import torch
from hypothesis import strategies as st

from scann_sklearn.network import Network, Topology
from scann_sklearn.network._exits import with_exits


def allowed_mask(n_inputs, n_outputs, n_hidden=None, layer_sizes=None):
    """Dense mask of what is allowed, from the definition: target by target."""
    layers = None if layer_sizes is None else [n_inputs, *layer_sizes]
    n_hidden = sum(layer_sizes) if n_hidden is None else n_hidden
    mask = np.zeros((n_hidden + n_outputs, n_inputs + n_hidden), dtype=bool)
    if layers is None:
        for t in range(n_hidden):
            mask[t, : n_inputs + t] = True
        mask[n_hidden:] = True
        return mask
    source, target = 0, 0
    for size, following in zip(layers, [*layer_sizes, n_outputs], strict=True):
        mask[target : target + following, source : source + size] = True
        source, target = source + size, target + following
    return mask


def allowed_by(topology):
    """Dense mask of what a topology allows."""
    t = topology
    mask = allowed_mask(t.n_inputs, t.n_outputs, t.n_hidden, t.layer_sizes)
    if t.exits is None:
        return mask
    ends = np.append(0, np.cumsum(() if t.layer_sizes is None else t.layer_sizes))
    for k, row in enumerate(mask[t.n_hidden :]):
        seen = t.exits[k * len(t.exits) // t.n_outputs]
        row[:] = False
        row[: t.n_inputs + seen] = True
        if t.layer_sizes is not None and seen > 0:  # the layer of the last neuron that it sees
            row[: t.n_inputs + ends[ends < seen][-1]] = False
    return mask


def random_topology(seed, n_inputs, n_outputs, density, n_hidden=None, layer_sizes=None):
    """Each allowed connection exists with probability `density`: seldom a clean network."""
    mask = allowed_mask(n_inputs, n_outputs, n_hidden, layer_sizes)
    mask &= np.random.default_rng(seed).random(mask.shape) < density
    return Topology.from_mask(mask, n_inputs, n_outputs, layer_sizes)


def random_network(topology, seed=0, dtype=np.float64):
    """Random weights, biases and moments of ordinary size."""
    rng = np.random.default_rng([seed, 1])
    fan_in = np.diff(topology.indptr)
    weight = rng.normal(size=topology.n_connections)
    weight *= np.repeat(1.4 / np.sqrt(np.maximum(fan_in, 1)), fan_in)
    bias = 0.3 * rng.normal(size=topology.n_targets)
    moments = tuple(
        (rng.random(len(weight)).astype(dtype), rng.random(len(bias)).astype(dtype))
        for _ in range(2)
    )
    return Network(topology, weight.astype(dtype), bias.astype(dtype), moments, n_updates=7)


def random_samples(network, seed, n_samples, weighted=False, soft=False):
    """Samples, their classes and, if asked for, weights of which some are zero.

    `soft`: distributions over the classes in place of classes.
    """
    t, rng = network.topology, np.random.default_rng([seed, 2])
    X = rng.normal(size=(n_samples, network.n_inputs)).astype(network.weight.dtype)
    y = rng.integers(max(t.n_outputs, 2), size=n_samples)
    if soft:
        y = rng.dirichlet(np.full(max(t.n_outputs, 2), 0.5), n_samples).astype(X.dtype)
    if not weighted:
        return X, y, None
    weight = rng.exponential(size=n_samples) * (rng.random(n_samples) > 0.2)
    weight[0] = 1.5
    return X, y, weight.astype(network.weight.dtype)


DENSITIES = (0.0, 0.15, 0.35, 0.7, 1.0)
_SEEDS = st.integers(0, 2**16)


@st.composite
def topologies(draw, max_hidden=10):
    """Random topologies, general and layered, clean or not, empty to dense."""
    layer_sizes, n_hidden = None, draw(st.integers(0, max_hidden))
    if draw(st.booleans()):
        layer_sizes = tuple(draw(st.lists(st.integers(1, 4), max_size=4)))
        n_hidden = None
    return random_topology(
        draw(_SEEDS),
        draw(st.integers(1, 5)),
        draw(st.integers(1, 4)),
        draw(st.sampled_from(DENSITIES)),
        n_hidden,
        layer_sizes,
    )


@st.composite
def networks(draw, max_hidden=10):
    """Random networks in double precision."""
    return random_network(draw(topologies(max_hidden)), draw(_SEEDS))


@st.composite
def sound_networks(draw, max_hidden=10):
    """Random networks of which every output is reached."""
    topology = draw(topologies(max_hidden))
    t = topology
    if not t.reached_outputs.all():
        shape = {"layer_sizes": t.layer_sizes}
        if t.layer_sizes is None:
            shape = {"n_hidden": t.n_hidden}
        topology = Topology.dense(t.n_inputs, t.n_outputs, **shape)
    return random_network(topology, draw(_SEEDS))


@st.composite
def exit_networks(draw, max_hidden=10):
    """Random networks with exits, general and layered, of which every output is reached."""
    n_exits, size = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    n_inputs, rng = draw(st.integers(1, 5)), np.random.default_rng(draw(_SEEDS))
    if draw(st.booleans()):
        sizes = draw(st.lists(st.integers(1, 4), min_size=n_exits, max_size=4))
        shape = {"layer_sizes": tuple(sizes)}
        ends = np.cumsum(sizes)
        seen = [*np.sort(rng.choice(ends[:-1], n_exits - 1, replace=False)), ends[-1]]
    else:
        n_hidden = draw(st.integers(0, max_hidden))
        shape = {"n_hidden": n_hidden}
        seen = [*np.sort(rng.integers(0, n_hidden + 1, n_exits - 1)), n_hidden]
    exits = tuple(int(n) for n in seen)
    whole = with_exits(Topology.dense(n_inputs, n_exits * size, **shape), exits, rng)
    keep = rng.random(whole.n_connections) < draw(st.sampled_from(DENSITIES))
    mask = whole.to_mask()
    mask[whole.targets[~keep], whole.indices[~keep]] = False
    indptr = np.append(0, np.cumsum(mask.sum(axis=1)))
    arrays = (indptr, np.nonzero(mask)[1], whole.layer_sizes, exits)
    part = Topology(n_inputs, whole.n_outputs, *arrays)
    return random_network(part if part.reached_outputs.all() else whole, draw(_SEEDS))


def dense_weights(network, values=None):
    """Weights (or other values of the connections) as the matrix targets x sources."""
    t = network.topology
    dense = np.zeros((t.n_targets, t.n_inputs + t.n_hidden))
    dense[t.targets, t.indices] = network.weight if values is None else values
    return dense


def dense_outputs(weights, bias, n_inputs, X):
    """Outputs of a dense matrix of weights in numpy, a neuron at a time."""
    n_hidden = weights.shape[1] - n_inputs
    values = np.hstack([X, np.zeros((len(X), n_hidden))])
    for t in range(n_hidden):
        values[:, n_inputs + t] = np.maximum(values @ weights[t] + bias[t], 0)
    return values @ weights[n_hidden:].T + bias[n_hidden:]


def function(network, X):
    """Outputs of a network in numpy."""
    t = network.topology
    return dense_outputs(dense_weights(network), network.bias, t.n_inputs, X)


def plain_outputs(weights, bias, n_inputs, X):
    """Outputs of a dense matrix of weights by torch's autograd, a neuron at a time."""
    n_hidden = weights.shape[1] - n_inputs
    values, outputs = list(X.T), []
    for t in range(len(bias)):
        sources = torch.stack(values)
        z = bias[t] + weights[t, : len(values)] @ sources
        if t < n_hidden:
            values.append(torch.relu(z))
        else:
            outputs.append(z)
    return torch.stack(outputs, dim=1)


def plain_loss(outputs, y, sample_weight=None, label_smoothing=0.0):
    """Mean of the weighted cross-entropies, from its definition."""
    if outputs.shape[1] == 1:
        outputs = torch.cat([torch.zeros_like(outputs), outputs], dim=1)
    n_classes = outputs.shape[1]
    if y.ndim == 2:
        target = torch.as_tensor(y, dtype=outputs.dtype)
    else:
        target = torch.full_like(outputs, label_smoothing / n_classes)
        target[torch.arange(len(y)), torch.as_tensor(y)] += 1 - label_smoothing
    losses = -(target * torch.log_softmax(outputs, dim=1)).sum(dim=1)
    if sample_weight is not None:
        losses = losses * torch.as_tensor(sample_weight, dtype=losses.dtype)
    return losses.mean()


def autograd(network, X, y, sample_weight=None, label_smoothing=0.0):
    """Loss and gradients of every possible connection, bias and input, in double precision."""
    t = network.topology
    weights = torch.tensor(dense_weights(network), requires_grad=True)
    bias = torch.tensor(network.bias.astype(np.float64), requires_grad=True)
    X = torch.tensor(X.astype(np.float64), requires_grad=True)
    outputs = plain_outputs(weights, bias, t.n_inputs, X)
    loss = plain_loss(outputs, y, sample_weight, label_smoothing)
    loss.backward()
    return SimpleNamespace(
        loss=loss.item(),
        outputs=outputs.detach().numpy(),
        dense=weights.grad.numpy(),
        weight=weights.grad.numpy()[t.targets, t.indices],
        bias=bias.grad.numpy(),
        X=X.grad.numpy(),
    )


def assert_close(actual, desired, rtol=1e-9):
    """Equal up to `rtol` of the largest value."""
    desired = np.asarray(desired)
    scale = np.abs(desired).max(initial=0)
    np.testing.assert_allclose(actual, desired, rtol=rtol, atol=rtol * scale)


def paths(topology):
    """Which targets are fed from an input and which hidden neurons are heard by an output."""
    mask, d, H = topology.to_mask(), topology.n_inputs, topology.n_hidden
    fed = np.zeros(topology.n_targets, dtype=bool)
    for t in range(topology.n_targets):
        fed[t] = mask[t, :d].any() or (mask[t, d:] & fed[:H]).any()
    heard = np.zeros(H, dtype=bool)
    for t in reversed(range(H)):
        heard[t] = mask[H:, d + t].any() or (mask[:H, d + t] & heard).any()
    return fed, heard


def assert_clean(network):
    """No dead neuron, every output reached, the mask within what is allowed."""
    t = network.topology
    assert not (t.to_mask() & ~allowed_by(t)).any()
    fed, heard = paths(t)
    assert fed.all()
    assert heard.all()
