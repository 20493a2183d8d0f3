"""Growth back towards an architecture that prunings have left: neurons that are gone return."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scann_sklearn.network._network import Network
from scann_sklearn.synthesis._gradients import strongest_dormant
from scann_sklearn.synthesis._operations import grow_all_connections


def grow_back(network, objective, n_connections, neurons, rng, device="cpu") -> Network:
    """Activate connections as Algorithm 3 does, among all that an earlier architecture had.

    The neurons that are missing come back first. A network doesn't know where they were: without
    layers their positions are drawn. They have neither inputs nor outputs, so the gradients of all
    their connections are zero; such ties are broken at random. What then comes into them gets
    random weights (He et al., 2015), what leaves them weight zero: the function doesn't change, and
    both can learn.

    Parameters
    ----------
    network : Network
        The network to grow.
    objective : Objective
        Where the gradients come from.
    n_connections : int or None
        Number of connections to grow to; None: all that are allowed.
    neurons : int or tuple of int
        Hidden neurons of the architecture, of each layer where it has layers.
    rng : numpy.random.Generator
        Source of positions, ties and weights.
    device : str, default="cpu"
        Where gradients are computed, see `computes_gradients`.

    Returns
    -------
    network : Network
        The grown network, whose function is the same.
    """
    whole, returned = _with_missing_neurons(network, neurons, rng)
    allowed = whole.n_allowed
    n_new = (allowed if n_connections is None else min(n_connections, allowed)) - (
        whole.n_connections
    )
    if n_new <= 0:
        return network
    if n_new == allowed - whole.n_connections:
        grown = grow_all_connections(whole)
    else:
        grown = whole.wake(strongest_dormant(whole, objective, n_new, device, rng))
    t = grown.topology
    fresh = Network.initialize(t, rng, grown.weight.dtype)
    into_returned = returned[t.targets]
    weight = grown.weight.copy()
    neurons = weight[grown.n_connections - t.n_connections :]  # those of maps come first
    neurons[into_returned] = fresh.weight[into_returned]
    return replace(grown, weight=weight)


def _with_missing_neurons(network, neurons, rng) -> tuple[Network, np.ndarray]:
    """The network with isolated neurons for those that are gone, and which targets these are."""
    t = network.topology
    if t.layer_sizes is None:
        missing = max(neurons - t.n_hidden, 0)
        positions = rng.choice(t.n_hidden + missing, missing, replace=False)
        layer_sizes = None
    else:
        layer_sizes = tuple(max(pair) for pair in zip(neurons, t.layer_sizes, strict=True))
        ends = np.cumsum(layer_sizes)
        positions = np.concatenate(
            [
                np.zeros(0, int),  # of no layers
                *(
                    np.arange(end - size + there, end)
                    for end, size, there in zip(ends, layer_sizes, t.layer_sizes)
                ),
            ]
        )
    whole = network.insert(positions, layer_sizes)
    returned = np.zeros(whole.topology.n_targets, dtype=bool)
    returned[positions] = True
    return whole, returned
