"""Pruning of whole neurons and maps."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scann_sklearn.network import _walks
from scann_sklearn.network._network import Network
from scann_sklearn.synthesis._ranges import check_number


def neuron_layers(network) -> tuple[int, ...]:
    """Number of neurons of every layer, convolutions first.

    Parameters
    ----------
    network : Network
        The network.

    Returns
    -------
    sizes : tuple of int
        Maps of each convolution, then neurons of each hidden layer; without layers all hidden
        neurons are one.
    """
    *maps, t = network.layers
    hidden = (t.n_hidden,) if t.layer_sizes is None else t.layer_sizes
    return (*(layer.n_maps for layer in maps), *hidden)


def neuron_magnitudes(network) -> np.ndarray:
    """Size of each neuron's weights: what whole neurons are ranked by.

    Parameters
    ----------
    network : Network
        The network.

    Returns
    -------
    magnitudes : ndarray of shape (n_neurons,)
        Of the maps of convolutions, then of the hidden neurons: the root of the sum of squares of
        the weights that come in, times that of those that go out.

    Notes
    -----
    The product stays as it is where the weights into a ReLU neuron are multiplied by a number and
    those out of it divided by the same: the function does so too. This definition is ours.
    """
    n_inputs, n_outputs, indptr, indices = network.graph
    n_neurons = len(indptr) - 1 - n_outputs
    square = np.square(network.weight, dtype=np.float64)
    targets = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    incoming = np.bincount(targets, square, minlength=n_neurons)[:n_neurons]
    outgoing = np.bincount(indices, square, minlength=n_inputs + n_neurons)[n_inputs:]
    return np.sqrt(incoming * outgoing)


def ranked_by_section(network) -> np.ndarray:
    """Magnitudes by rank within a section, so that sections lose the same share of their neurons.

    Neurons of the first section are read by all exits, those of the last one by a single exit.

    Parameters
    ----------
    network : Network
        With early exits.

    Returns
    -------
    rank : ndarray of shape (n_neurons,)
        From 0 to 1 in each section.
    """
    magnitude, n_hidden = neuron_magnitudes(network), network.topology.n_hidden
    section = np.searchsorted(network.topology.exits, np.arange(n_hidden), side="right")
    rank = np.empty(n_hidden)
    for number in np.unique(section):
        own = np.flatnonzero(section == number)
        weakest_first = own[np.argsort(magnitude[own], kind="stable")]
        rank[weakest_first] = (np.arange(len(own)) + 0.5) / len(own)
    return rank


def prune_neurons(network, n_neurons, *, magnitude=None) -> Network:
    """Drop the weakest neurons with all their connections (Policy 4 of NeST).

    Maps of convolutions count as neurons. Neurons that then have no path from the inputs or to an
    output are dropped too. Every output stays reachable: a neuron that is needed for that is kept.

    Parameters
    ----------
    network : Network
        The network to prune.
    n_neurons : int or sequence of int
        Number of neurons to drop. An int is the number over all layers, a sequence has one number
        per layer: convolutions first, then hidden layers. In a network without layers, all hidden
        neurons form one layer.
    magnitude : ndarray of shape (n_neurons,), default=None
        Values to rank neurons by, in the same order; the smallest are dropped. If None, neurons
        are ranked by the size of their weights, see Notes.

    Returns
    -------
    network : Network
        The pruned network.

    Raises
    ------
    ValueError
        If a number is negative, or if `n_neurons` or `magnitude` has the wrong length.

    See Also
    --------
    prune_connections : Drop single connections.

    Notes
    -----
    The size of a neuron's weights is the Euclidean norm of its incoming weights times that of its
    outgoing weights. Like the function of a ReLU neuron, it doesn't change if the incoming weights
    are multiplied by a positive number and the outgoing ones divided by it. The paper doesn't say
    how neurons are ranked.

    References
    ----------
    Dai, Yin, Jha. NeST: A Neural Network Synthesis Tool Based on a Grow-and-Prune Paradigm,
    arXiv:1711.02017.
    """
    sizes = neuron_layers(network)
    score = neuron_magnitudes(network) if magnitude is None else np.asarray(magnitude)
    if len(score) != sum(sizes):
        raise ValueError(f"magnitude has {len(score)} entries for {sum(sizes)} neurons.")
    if isinstance(n_neurons, Sequence | np.ndarray):
        if len(n_neurons) != len(sizes):
            raise ValueError(
                f"n_neurons={n_neurons!r} has {len(n_neurons)} numbers for {len(sizes)} layers."
            )
        ends = np.cumsum(sizes)
        parts = [np.arange(end - size, end) for end, size in zip(ends, sizes)]
    else:
        parts, n_neurons = [np.arange(sum(sizes))], [n_neurons]
    for number in n_neurons:
        check_number("n_neurons", number)
    ranked = [part[np.argsort(score[part], kind="stable")] for part in parts]
    return _without(network, ranked, n_neurons)


def _without(network, ranked, numbers) -> Network:
    """The network without the first of each ranking, but for those that outputs need."""
    n_inputs, n_outputs, indptr, indices = network.graph
    targets = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))

    def kept(stays) -> np.ndarray:
        source = np.append(np.ones(n_inputs, dtype=bool), stays)
        return source[indices] & np.append(stays, np.ones(n_outputs, dtype=bool))[targets]

    def reached(stays) -> int:
        return _walks.fed(n_inputs, indptr, indices, kept(stays))[-n_outputs:].sum()

    stays = np.ones(len(indptr) - 1 - n_outputs, dtype=bool)
    before = reached(stays)
    for ranking, number in zip(ranked, numbers, strict=True):
        without = stays.copy()
        without[ranking[:number]] = False
        if reached(without) == before:
            stays = without
            continue
        gone = 0
        for neuron in ranking:
            if gone == number:
                break
            stays[neuron] = False
            needed = reached(stays) < before
            stays[neuron] = needed
            gone += not needed
    return network.keep(kept(stays))
