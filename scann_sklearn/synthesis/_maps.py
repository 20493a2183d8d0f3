"""Growth of feature maps: the best of some random kernels."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scann_sklearn.network._convolution import MapShape, SparseConv2d
from scann_sklearn.network._grow_maps import insert_map
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._network import Network
from scann_sklearn.synthesis._ranges import check_layer, check_number, check_positive
from scann_sklearn.training._objective import Objective

_ROUNDING = 1e-6  # relative error of a loss in single precision


def grow_maps(
    network,
    X,
    y,
    n_maps,
    *,
    layer,
    n_candidates=8,
    birth_strength=0.5,
    sample_weight=None,
    label_smoothing=0.0,
    loss="log_loss",
    huber_delta=1.35,
    random_state=None,
) -> Network:
    """Add maps to a convolution, each with the best of several random kernels (Policy 3 of NeST).

    Parameters
    ----------
    network : Network
        A network with convolutions.
    X : ndarray of shape (n_samples, n_inputs)
        A large batch of images, row by row, scaled as for training.
    y : ndarray of int of shape (n_samples,) or of float of shape (n_samples, n_outputs)
        See `grow_connections`.
    n_maps : int
        Number of maps to add, one after the other.
    layer : int
        Index of the convolution to add them to, counted from 0.
    n_candidates : int, default=8
        Number of sets of random kernels that are tried for each map. The set with the lowest loss
        on X is chosen.
    birth_strength : float, default=0.5
        Mean absolute weight of the connections of a new map, as a multiple of that of the layer
        that they join.
    sample_weight : ndarray of shape (n_samples,), default=None
        Weights of the samples.
    label_smoothing : float, default=0.0
        Weight of the uniform distribution over the classes in the targets of the loss.
    loss : str, default="log_loss"
        See `grow_connections`.
    huber_delta : float, default=1.35
        Error at which the loss "huber" changes from squared to absolute.
    random_state : int, numpy.random.Generator or None, default=None
        Source of the random kernels.

    Returns
    -------
    network : Network
        The network with the new maps behind the others of the convolution.

    Raises
    ------
    ValueError
        If the network has no convolutions or not this one, or if a number is out of its range.

    See Also
    --------
    grow_bridging_neurons : Add neurons to a hidden layer.

    Notes
    -----
    A candidate reads all maps of the layer before, with kernels of uniformly random weights. The
    paper doesn't say what reads the new map. Here, its outgoing connections have the density of
    the layer behind; they are those with the largest gradients :math:`g`, and their weights are
    proportional to :math:`-g`.

    References
    ----------
    Dai, Yin, Jha. NeST: A Neural Network Synthesis Tool Based on a Grow-and-Prune Paradigm,
    arXiv:1711.02017.
    """
    objective = Objective.of_arrays(
        network, X, y, sample_weight, label_smoothing, loss, huber_delta
    )
    rng = np.random.default_rng(random_state)
    return grow_maps_for(network, objective, n_maps, layer, n_candidates, birth_strength, rng)


def grow_maps_for(network, objective, n_maps, layer, n_candidates, birth_strength, rng) -> Network:
    """Add maps, each the candidate with the lowest loss of an objective."""
    check_number("n_maps", n_maps)
    check_number("n_candidates", n_candidates, 1)
    check_positive("birth_strength", birth_strength)
    if not isinstance(network, MapNetwork):
        raise ValueError(f"Maps grow in networks with convolutions, got {network!r}.")
    layer = check_layer(layer, len(network.front.layers), "convolutions")
    for _ in range(n_maps):
        candidates = map_candidates(network, objective, layer, n_candidates, birth_strength, rng)
        network = _best(candidates, [objective.mean_loss(one) for one in candidates])
    return network


def _best(candidates, losses) -> MapNetwork:
    """The candidate of the lowest loss; of those that rounding tells apart, the first."""
    best = 0
    for number, loss in enumerate(losses):
        if loss < losses[best] - _ROUNDING * abs(losses[best]):
            best = number
    return candidates[best]


def map_candidates(
    network, objective, layer, n_candidates, birth_strength, rng
) -> list[MapNetwork]:
    """Networks with one more map, of random kernels."""
    convolution = network.front.layers[layer]
    own, _ = network.front.split(*_of_front(network))[layer]
    size = birth_strength * _mean_size(own)
    shape = convolution.kernel_shape[1:]
    # uniform up to twice a mean
    kernels = 2 * size * rng.uniform(-1, 1, (n_candidates, *shape))
    return [
        _with_readers(insert_map(network, layer, kernel), objective, layer, birth_strength)
        for kernel in kernels
    ]


def _of_front(network) -> tuple[np.ndarray, np.ndarray]:
    front = network.front
    return network.weight[: front.n_connections], network.bias[: front.n_maps]


def _mean_size(weight) -> float:
    """Mean absolute weight; one where there is none."""
    size = float(np.abs(weight).mean(dtype=np.float64)) if len(weight) else 0.0
    return size or 1.0


def _with_readers(network, objective, layer, birth_strength) -> MapNetwork:
    """The network with connections from the last map of a convolution, against the gradient."""
    signals = objective.gradients(network)
    if layer + 1 < len(network.front.layers):
        return _read_by_convolution(network, signals[layer + 1], layer + 1, birth_strength)
    return _read_by_neurons(network, signals[-1], birth_strength)


def _against(gradient, there, n_allowed, birth_strength) -> tuple[np.ndarray, np.ndarray]:
    """Which of the possible connections a map gets, and their weights."""
    share = len(there) / max(n_allowed, 1)
    n_new = min(max(1, round(share * gradient.size)), gradient.size)
    chosen = np.sort(np.argsort(-np.abs(gradient), kind="stable")[:n_new])
    weight = -gradient[chosen].astype(np.float64)
    size = np.abs(weight).mean()
    if size > 0:
        weight *= birth_strength * _mean_size(there) / size
    return chosen, weight


def _read_by_convolution(network, signals, layer, birth_strength) -> MapNetwork:
    front, reader = network.front, network.front.layers[layer]
    source = MapShape(1, *reader.source[1:])
    options = {"stride": reader.stride, "padding": reader.padding}
    block = SparseConv2d.dense(source, reader.n_maps, reader.kernel_size, **options)
    values = signals.activation[-source.size * signals.n_samples :]
    zeros = np.zeros(block.n_connections, values.dtype)
    gradient, *_ = block.backward(values, zeros, signals.delta, signals.n_samples, goes_on=False)
    there, _ = front.split(*_of_front(network))[layer]
    old_places = reader.n_allowed - block.n_allowed
    chosen, weight = _against(gradient, there, old_places, birth_strength)
    area = reader.kernel_size**2
    places = chosen // area * reader.n_sources + reader.n_sources - area + chosen % area
    before = front.layers[:layer]
    grown = network.wake(places + sum(conv.n_allowed for conv in before))
    begin = sum(conv.n_connections for conv in before)
    values = grown.weight.copy()
    values[begin + np.searchsorted(grown.front.layers[layer].own_places(), places)] = weight
    return replace(grown, weight=values)


def _read_by_neurons(network, signals, birth_strength) -> MapNetwork:
    t, target = network.topology, network.front.target
    area = target.height * target.width
    readers = np.flatnonzero(t.allowed_sources[0] == 0)
    values = signals.activation[t.n_inputs - area : t.n_inputs]
    gradient = np.einsum("ti,si->ts", signals.delta[readers], values).ravel()
    there = network.tail.weight[t.indices < t.n_inputs]
    n_allowed = len(readers) * (t.n_inputs - area)
    chosen, weight = _against(gradient, there, n_allowed, birth_strength)
    into, source = np.divmod(chosen, area)
    return network.connect(readers[into], t.n_inputs - area + source, weight)
