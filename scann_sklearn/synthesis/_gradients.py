"""What operations take from gradients, computed by kernels on the CPU or on a GPU."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from scann_sklearn.network._device import computes_gradients
from scann_sklearn.network._dormant import largest


def strongest_dormant(network, objective, n, device, rng=None) -> np.ndarray:
    """Places of the dormant connections with the largest gradients.

    Parameters
    ----------
    network : Network
        The network.
    objective : Objective
        Where the gradients come from.
    n : int
        How many, at least 1; there are at least as many.
    device : str
        Where gradients are computed, see `computes_gradients`.
    rng : numpy.random.Generator, default=None
        Breaks ties between gradients that are zero. If None, the first are taken.

    Returns
    -------
    places : ndarray of int of shape (n,)
        Ascending.
    """
    if computes_gradients(device, network, objective.samples):
        from scann_sklearn.synthesis._device_gradients import strongest  # torch only for a device

        return strongest(network, objective, n, device, rng)
    blocks = network.candidates(objective.gradients(network))
    return largest(blocks if rng is None else _ties_broken(blocks, rng), n, network.n_allowed)


def importance(network, objective, device="cpu") -> np.ndarray:
    """Importance of each connection to an objective, see `connection_saliency`.

    Parameters
    ----------
    network : Network
        The network.
    objective : Objective
        Where the gradients come from.
    device : str, default="cpu"
        Where gradients are computed, see `computes_gradients`.

    Returns
    -------
    saliency : ndarray of shape (n_connections,)
        In the order of the network's `weight`.
    """
    if computes_gradients(device, network, objective.samples):
        from scann_sklearn.synthesis._device_gradients import mean_signals

        return network.saliency(
            [mean_signals(network, objective, device)], np.ones(1, network.weight.dtype)
        )
    return network.saliency(objective.gradients(network), objective.sample_weight)


def _ties_broken(blocks: Iterable[tuple[int, np.ndarray]], rng) -> Iterator[tuple[int, np.ndarray]]:
    """The same blocks with tiny random numbers in place of zeros."""
    for first, size in blocks:
        zero = size == 0
        size[zero] = rng.uniform(1, 2, int(zero.sum())) * np.finfo(size.dtype).tiny
        yield first, size
