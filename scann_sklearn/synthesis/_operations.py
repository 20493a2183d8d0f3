"""The three operations that change an architecture. They train nothing."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.network import _walks
from scann_sklearn.network._device import check_device
from scann_sklearn.network._network import Network
from scann_sklearn.network._samples import as_samples
from scann_sklearn.synthesis._gradients import importance, strongest_dormant
from scann_sklearn.synthesis._selection import (
    Selection,
    UnreachableOutputsError as UnreachableOutputsError,
)
from scann_sklearn.training._objective import Objective

DUPLICATIONS = ("split", "copy")  # of neurons, see `grow_neurons`


def grow_connections(
    network,
    X,
    y,
    n_connections,
    *,
    sample_weight=None,
    label_smoothing=0.0,
    loss="log_loss",
    huber_delta=1.35,
    device="cpu",
) -> Network:
    """Activate the dormant connections with the largest gradients (Algorithm 3).

    The connections enter with weight zero, so that the function doesn't change.

    Parameters
    ----------
    network : Network
        The network to grow.
    X : ndarray of shape (n_samples, n_inputs)
        A large batch of samples, scaled as for training.
    y : ndarray of int of shape (n_samples,) or of float of shape (n_samples, n_outputs)
        Class of each sample, counted from 0, or its distribution over the classes; with losses
        other than "log_loss" the target of each output, scaled as for training.
    n_connections : int
        Number of connections to grow to. If more than are allowed, all are activated. A network
        that has as many already is returned as is.
    sample_weight : ndarray of shape (n_samples,), default=None
        Weights of the samples.
    label_smoothing : float, default=0.0
        Weight of the uniform distribution over the classes in the targets of the loss.
    loss : str, default="log_loss"
        "log_loss" for classes, "binary_log_loss" for several labels, "squared_error",
        "absolute_error" or "huber" for values.
    huber_delta : float, default=1.35
        Error at which the loss "huber" changes from squared to absolute.
    device : str, default="cpu"
        Torch device. On a GPU ("cuda") the gradients of a network without convolutions are computed
        and ranked there, unless `X` is sparse.

    Returns
    -------
    network : Network
        The grown network.

    Raises
    ------
    ValueError
        If `y`, `sample_weight`, `loss` or `device` is not valid.

    References
    ----------
    Hassantabar, Wang, Jha. SCANN: Synthesis of Compact and Accurate Neural Networks,
    arXiv:1904.09090, Algorithm 3.
    """
    check_device(device)
    objective = Objective.of_arrays(
        network, X, y, sample_weight, label_smoothing, loss, huber_delta
    )
    return grow_for(network, objective, n_connections, device)


def grow_for(network, objective, n_connections, device="cpu") -> Network:
    """Activate the dormant connections with the largest gradients of an objective."""
    n_new = min(n_connections, network.n_allowed) - network.n_connections
    if n_new <= 0:
        return network
    if n_new == network.n_allowed - network.n_connections:
        return grow_all_connections(network)
    return network.wake(strongest_dormant(network, objective, n_new, device))


def grow_all_connections(network) -> Network:
    """Activate every dormant connection between the neurons that exist (full growth).

    Parameters
    ----------
    network : Network
        The network to grow.

    Returns
    -------
    network : Network
        The fully connected network; the new connections have weight zero.
    """
    return network.wake(network.dormant())


def grow_neurons(
    network,
    X,
    n_neurons,
    *,
    sample_weight=None,
    noise=0.1,
    duplication="split",
    random_state=None,
) -> Network:
    """Duplicate the hidden neurons with the highest activation (Algorithm 4).

    Parameters
    ----------
    network : Network
        The network to grow.
    X : ndarray of shape (n_samples, n_inputs)
        A large batch of samples, scaled as for training.
    n_neurons : int
        Number of neurons to add. Each neuron is duplicated at most once.
    sample_weight : ndarray of shape (n_samples,), default=None
        Weights of the samples.
    noise : float, default=0.1
        Standard deviation of the noise on a copy's weights, as a share of their root mean square.
    duplication : {"split", "copy"}, default="split"
        If "split", a neuron shares its outgoing weights with its copy, and only the incoming
        weights of the copy get noise, so that the function is preserved up to the noise. If
        "copy", all weights are copied and get noise (the paper's setting).
    random_state : int, numpy.random.Generator or None, default=None
        Source of the noise.

    Returns
    -------
    network : Network
        The network with the copies, each next to its parent.

    Raises
    ------
    ValueError
        If `noise` is negative, or `duplication` is unknown.

    References
    ----------
    Hassantabar, Wang, Jha. SCANN: Synthesis of Compact and Accurate Neural Networks,
    arXiv:1904.09090, Algorithm 4.
    """
    if not noise >= 0:
        raise ValueError(f"noise must not be negative, got {noise}.")
    if duplication not in DUPLICATIONS:
        raise ValueError(f"duplication must be 'split' or 'copy', got {duplication!r}.")
    n_neurons = min(n_neurons, network.n_hidden)
    if n_neurons <= 0:
        return network
    activation = as_samples(X).hidden_activations(network).astype(np.float64)
    mean_activation = np.average(activation, axis=1, weights=sample_weight)
    most_active = np.argsort(-mean_activation, kind="stable")[:n_neurons]
    rng = np.random.default_rng(random_state)
    return network.duplicate(np.sort(most_active), noise, rng, split=duplication == "split")


def prune_connections(network, n_connections, *, saliency=None, device="cpu") -> Network:
    """Drop the connections with the smallest weights (Algorithm 5).

    Neurons that are left without a path to an output are removed too. A neuron without a path from
    the inputs is a constant: it is folded into the biases of its targets and removed. Every output
    stays reachable.

    Parameters
    ----------
    network : Network
        The network to prune.
    n_connections : int
        Maximum number of connections to keep. Nearly as many are kept: connections that would lie
        on no path from an input to an output are replaced by others.
    saliency : ndarray of shape (n_connections,), default=None
        Values to rank the connections by; the smallest are dropped. If None, the absolute weights
        are used.
    device : str, default="cpu"
        Torch device. On a GPU ("cuda") the connections are ranked there. What is kept is the same.

    Returns
    -------
    network : Network
        The pruned network, of at most `n_connections` connections.

    Raises
    ------
    UnreachableOutputsError
        If `n_connections` of the existing connections are too few to reach every output.
    ValueError
        If `saliency` doesn't have one entry per connection, or `device` isn't there.

    References
    ----------
    Hassantabar, Wang, Jha. SCANN: Synthesis of Compact and Accurate Neural Networks,
    arXiv:1904.09090, Algorithm 5.
    """
    check_device(device)
    score = np.abs(network.weight) if saliency is None else np.asarray(saliency)
    if len(score) != network.n_connections:
        raise ValueError(f"{len(score)} saliencies for {network.n_connections} connections.")
    selection = Selection(network.graph, score, n_connections, device)
    selection.fill()
    if not selection.reaches_outputs():
        selection.reach_outputs()
        selection.fill()
    kept = network.keep(selection.kept())
    if kept.n_connections > n_connections:
        # constant maps that padding or an area cuts stay, with what reads them: not so many do
        every = np.ones(kept.n_connections, dtype=bool)
        kept = kept.keep(_walks.living_connections(*kept.graph, every))
    return kept


def connection_saliency(
    network,
    X,
    y,
    *,
    sample_weight=None,
    label_smoothing=0.0,
    loss="log_loss",
    huber_delta=1.35,
    device="cpu",
) -> np.ndarray:
    """Importance of each connection: abs(weight) · E abs(delta) · E abs(value).

    A first-order estimate of the effect on the loss of removing a connection. Unlike absolute
    weights, it can be compared between layers, and between inputs of different scales.

    Parameters
    ----------
    network : Network
        The network.
    X : ndarray of shape (n_samples, n_inputs)
        A large batch of samples, scaled as for training.
    y : ndarray of int of shape (n_samples,) or of float of shape (n_samples, n_outputs)
        Class of each sample, counted from 0, or its distribution over the classes; with losses
        other than "log_loss" the target of each output, scaled as for training.
    sample_weight : ndarray of shape (n_samples,), default=None
        Weights of the samples.
    label_smoothing : float, default=0.0
        Weight of the uniform distribution over the classes in the targets of the loss.
    loss : str, default="log_loss"
        "log_loss" for classes, "binary_log_loss" for several labels, "squared_error",
        "absolute_error" or "huber" for values.
    huber_delta : float, default=1.35
        Error at which the loss "huber" changes from squared to absolute.
    device : str, default="cpu"
        See `grow_connections`.

    Returns
    -------
    saliency : ndarray of shape (n_connections,)
        Importance of each connection, in the order of the network's `weight`, as
        `prune_connections` takes it.

    Raises
    ------
    ValueError
        If `y`, `sample_weight`, `loss` or `device` is not valid.
    """
    check_device(device)
    objective = Objective.of_arrays(
        network, X, y, sample_weight, label_smoothing, loss, huber_delta
    )
    return importance(network, objective, device)
