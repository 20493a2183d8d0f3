"""Neuron growth by bridging gradients: new neurons between two layers that would be connected."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from scann_sklearn.network._network import Network
from scann_sklearn.synthesis._layer_sections import (
    LayerSection,
    exits_with,
    layer_sections,
    shared_among,
)
from scann_sklearn.synthesis._ranges import check_layer, check_number, check_positive, check_share
from scann_sklearn.training._objective import Objective

_DRAWS = 16  # choices of the signs that a new neuron is the best of


def bridging_gradients(
    network,
    X,
    y,
    layer,
    *,
    sample_weight=None,
    label_smoothing=0.0,
    loss="log_loss",
    huber_delta=1.35,
) -> np.ndarray:
    """Compute the bridging gradients over a hidden layer (the matrix B of NeST).

    They say between which neurons of the layers before and behind a new neuron would help most.

    Parameters
    ----------
    network : Network
        A network with layers.
    X : ndarray of shape (n_samples, n_inputs)
        A large batch of samples, scaled as for training.
    y : ndarray of int of shape (n_samples,) or of float of shape (n_samples, n_outputs)
        See `grow_connections`.
    layer : int
        Index of the hidden layer that is bridged, counted from 0.
    sample_weight : ndarray of shape (n_samples,), default=None
        Weights of the samples.
    label_smoothing : float, default=0.0
        Weight of the uniform distribution over the classes in the targets of the loss.
    loss : str, default="log_loss"
        See `grow_connections`.
    huber_delta : float, default=1.35
        Error at which the loss "huber" changes from squared to absolute.

    Returns
    -------
    B : ndarray of shape (n_sources, n_targets)
        Bridging gradient of each neuron (or input) of the layer before and each neuron (or
        output) of the layer behind. With early exits these are the neurons of the next layer, then
        the outputs that read this one.

    Raises
    ------
    ValueError
        If the network has no layers, or not this one.

    Notes
    -----
    :math:`B = -H^\\top G / N` with the outputs :math:`H` of the layer before, and the gradients
    :math:`G` of each sample's loss with respect to the layer behind, before its ReLU. It is the
    negative gradient, so that a positive entry asks for a positive weight.

    References
    ----------
    Dai, Yin, Jha. NeST: A Neural Network Synthesis Tool Based on a Grow-and-Prune Paradigm,
    arXiv:1711.02017.
    """
    objective = Objective.of_arrays(
        network, X, y, sample_weight, label_smoothing, loss, huber_delta
    )
    first, *rest = _sections_of(network, layer)
    whole = replace(first, sources=[first, *rest][-1].sources)
    return _Bridge(network, objective.gradients(network)[-1], layer, whole).gradients


def grow_bridging_neurons(
    network,
    X,
    y,
    n_neurons,
    *,
    layer,
    bridge_share=0.1,
    birth_strength=0.5,
    sample_weight=None,
    label_smoothing=0.0,
    loss="log_loss",
    huber_delta=1.35,
    random_state=None,
) -> Network:
    """Add neurons to a hidden layer by the bridging gradients over it (Policy 2 of NeST).

    Parameters
    ----------
    network : Network
        A network with layers.
    X : ndarray of shape (n_samples, n_inputs)
        A large batch of samples, scaled as for training.
    y : ndarray of int of shape (n_samples,) or of float of shape (n_samples, n_outputs)
        See `grow_connections`.
    n_neurons : int
        Number of neurons to add.
    layer : int
        Index of the hidden layer to add them to, counted from 0.
    bridge_share : float, default=0.1
        Share of the pairs of a source and a target that a new neuron connects, at least one pair.
        The pairs with the largest bridging gradients are taken.
    birth_strength : float, default=0.5
        Mean absolute weight of the connections of a new neuron, as a multiple of that of the layer
        they join. The paper takes more than 0.3.
    sample_weight : ndarray of shape (n_samples,), default=None
        Weights of the samples.
    label_smoothing : float, default=0.0
        Weight of the uniform distribution over the classes in the targets of the loss.
    loss : str, default="log_loss"
        See `grow_connections`.
    huber_delta : float, default=1.35
        Error at which the loss "huber" changes from squared to absolute.
    random_state : int, numpy.random.Generator or None, default=None
        Source of the random signs.

    Returns
    -------
    network : Network
        The network with the new neurons behind the others of the layer; with early exits behind
        those of their sections, to which they are shared out. If all bridging gradients are zero,
        `network` itself.

    Raises
    ------
    ValueError
        If the network has no layers or not this one, or if a number is out of its range.

    See Also
    --------
    grow_neurons : Duplicate active neurons, as SCANN does.
    bridging_gradients : The gradients that decide which neurons are connected.

    Notes
    -----
    With :math:`B` of :func:`bridging_gradients`, a new neuron gets from each of the pairs
    :math:`(m, n)` that it connects, with :math:`\\varepsilon_{mn} = \\pm 1` at random,

    .. math::

        \\psi_m \\gets \\psi_m + \\varepsilon_{mn}\\,\\mathrm{sgn}(B_{mn}) \\sqrt{|B_{mn}|}, \\qquad
        \\omega_n \\gets \\omega_n + \\varepsilon_{mn} \\sqrt{|B_{mn}|}

    as weights from its sources and to its targets. Both are scaled, so that the means of
    :math:`|\\psi|` and :math:`|\\omega|` are `birth_strength` times those of the layers they join.

    Averaged over the signs, and before it is scaled, a neuron with ReLU adds
    :math:`\\frac{1}{2} \\sum_m B_{mn} h_m` to the input of target n. This is half a step of
    gradient descent, which lowers the loss. A single draw of signs may not: therefore sixteen are
    drawn, and the neuron gets those that lower the loss most to first order. The paper doesn't
    have this choice.

    References
    ----------
    Dai, Yin, Jha. NeST: A Neural Network Synthesis Tool Based on a Grow-and-Prune Paradigm,
    arXiv:1711.02017.
    """
    objective = Objective.of_arrays(
        network, X, y, sample_weight, label_smoothing, loss, huber_delta
    )
    rng = np.random.default_rng(random_state)
    return grow_bridging_for(
        network, objective, n_neurons, layer, bridge_share, birth_strength, rng
    )


def grow_bridging_for(
    network, objective, n_neurons, layer, bridge_share, birth_strength, rng
) -> Network:
    """Add neurons to a hidden layer by the bridging gradients of an objective."""
    check_number("n_neurons", n_neurons)
    check_share("bridge_share", bridge_share)
    check_positive("birth_strength", birth_strength)
    sections, signals = _sections_of(network, layer), objective.gradients(network)[-1]
    bridges = [_Bridge(network, signals, layer, section) for section in sections]
    if n_neurons == 0 or not any(bridge.gradients.any() for bridge in bridges):
        return network
    ratio = objective.head.section_ratio
    numbers = shared_among(sections, n_neurons, network.topology, ratio)
    new = [
        [bridge.neuron(bridge_share, birth_strength, rng) for _ in range(number)]
        for bridge, number in zip(bridges, numbers, strict=True)
    ]
    return _with_neurons(network, layer, sections, new)


def _sections_of(network, layer) -> list[LayerSection]:
    t = network.topology
    if t.layer_sizes is None:
        raise ValueError(
            "Bridging gradients need a network with layers, but its topology has "
            "layer_sizes=None: any earlier neuron may feed a neuron."
        )
    return layer_sections(t, check_layer(layer, len(t.layer_sizes)))


class _Bridge:
    """What a batch did to the layers before and behind a section of a hidden layer."""

    def __init__(self, network, signals, layer, section) -> None:
        self.network, self.signals, self.layer = network, signals, layer
        self.sources, self.targets = section.sources, section.targets
        self.delta = signals.delta[self.targets]
        self.gradients = -self._correlations()

    def _blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """Values of the sources in blocks, each with the place of its first among them."""
        for begin, values in self.signals.blocks():
            low, high = max(begin, self.sources.start), min(begin + len(values), self.sources.stop)
            if low < high:
                yield low - self.sources.start, values[low - begin : high - begin]

    def _correlations(self) -> np.ndarray:
        size = self.sources.stop - self.sources.start, len(self.delta)
        found = np.empty(size, self.delta.dtype)
        for begin, values in self._blocks():
            # the loss is a mean, and so is delta: no N is left
            found[begin : begin + len(values)] = np.einsum("mi,ni->mn", values, self.delta)
        return found

    def neuron(self, share, strength, rng) -> tuple[np.ndarray, np.ndarray]:
        """Weights from every source and to every target of a new neuron, zero for most."""
        B = self.gradients
        n_pairs = max(1, round(share * B.size))
        pairs = np.argsort(-np.abs(B), axis=None, kind="stable")[:n_pairs]
        m, n = np.unravel_index(pairs, B.shape)
        # a choice of signs and its opposite: one of a single pair lowers the loss
        half = rng.choice([-1.0, 1.0], size=(_DRAWS // 2, n_pairs))
        best = None
        for signs in np.concatenate([half, -half]):
            weights = bridge_weights(B, m, n, signs)
            into, out_of = self._scales(weights, strength)
            scaled = weights[0] * into, weights[1] * out_of
            change = self._change(*scaled)
            if best is None or change < best[0]:
                best = change, scaled
        assert best is not None  # there are draws
        return best[1]

    def _scales(self, weights, strength) -> list[float]:
        """What the weights are multiplied by for their birth strength."""
        t, size = self.network.topology, np.abs(self._weights_of_neurons())
        first, last = np.cumsum((0, *t.layer_sizes))[self.layer : self.layer + 2]
        own = (t.targets >= first) & (t.targets < last)
        behind = np.isin(t.targets, self.targets)
        scales = []
        for new, there in zip(weights, (size[own], size[behind])):
            mean = there.mean(dtype=np.float64) if len(there) else 0.0
            new = np.abs(new[new != 0])
            # a layer without weights says nothing about their size
            scales.append(strength * mean / new.mean() if mean > 0 and len(new) else 1.0)
        return scales

    def _weights_of_neurons(self) -> np.ndarray:
        weight = self.network.weight
        return weight[len(weight) - self.network.topology.n_connections :]

    def _change(self, incoming, outgoing) -> float:
        """First-order change of the loss, were a neuron with these weights added."""
        used = np.flatnonzero(incoming)
        z = np.zeros(self.delta.shape[1])
        for begin, values in self._blocks():
            mine = used[(used >= begin) & (used < begin + len(values))]
            z += np.einsum("m,mi->i", incoming[mine], values[mine - begin])
        reading = np.flatnonzero(outgoing)
        slope = np.einsum("n,ni->i", outgoing[reading], self.delta[reading])
        return float((np.maximum(z, 0) * slope).sum())


def _with_neurons(network, layer, sections, new) -> Network:
    """The network with neurons of these weights behind the others of their sections."""
    t, numbers = network.topology, [len(weights) for weights in new]
    sizes = list(t.layer_sizes)
    sizes[layer] += sum(numbers)
    positions: list[int] = []
    targets, sources, weight = [], [], []
    for section, weights in zip(sections, new, strict=True):
        for incoming, outgoing in weights:
            place = section.end + len(positions)
            into, out_of = np.flatnonzero(incoming), np.flatnonzero(outgoing)
            positions.append(place)
            targets += [np.full(len(into), place), section.targets[out_of] + sum(numbers)]
            sources += [section.sources.start + into, np.full(len(out_of), t.n_inputs + place)]
            weight += [incoming[into], outgoing[out_of]]
    joined = (np.concatenate(parts) for parts in (targets, sources, weight))
    exits = exits_with(t, sections, numbers)
    return network.insert(np.array(positions), tuple(sizes), *joined, exits=exits)


def bridge_weights(B, m, n, signs) -> tuple[np.ndarray, np.ndarray]:
    """Weights of a neuron that bridges pairs, before they are scaled.

    Parameters
    ----------
    B : ndarray of shape (n_sources, n_targets)
        Bridging gradients.
    m, n : ndarray of int of shape (n_pairs,)
        Sources and targets of the pairs.
    signs : ndarray of shape (n_pairs,)
        1 or -1 for each pair.

    Returns
    -------
    incoming, outgoing : ndarray of shape (n_sources,) and (n_targets,)
        Weights from the sources and to the targets.
    """
    root = np.sqrt(np.abs(B[m, n])).astype(np.float64)
    incoming = np.bincount(m, signs * np.sign(B[m, n]) * root, minlength=B.shape[0])
    outgoing = np.bincount(n, signs * root, minlength=B.shape[1])
    return incoming, outgoing
