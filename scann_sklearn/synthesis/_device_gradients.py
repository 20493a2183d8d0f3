"""The same as the `_gradients` of this package on a device; it loads torch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor

from scann_sklearn.network._device_ranking import largest
from scann_sklearn.network._device_signals import DeviceSignals, device_signals
from scann_sklearn.network._layer import Signals


def strongest(network, objective, n, device, rng) -> np.ndarray:
    """See `strongest_dormant`.

    Parameters
    ----------
    network : Network
        A network of neurons alone.
    objective : Objective
        Where the gradients come from.
    n : int
        How many.
    device : str or torch.device
        Where they are computed.
    rng : numpy.random.Generator or None
        Breaks ties.

    Returns
    -------
    places : ndarray of int of shape (n,)
        Ascending.
    """
    blocks = _signals(network, objective, device).candidates(network.topology.places)
    return largest(blocks if rng is None else _ties_broken(blocks, rng, device), n)


def mean_signals(network, objective, device) -> Signals:
    """Signals of one sample by which `Topology.saliency` finds what it does by a whole batch.

    Parameters
    ----------
    network : Network
        A network of neurons alone.
    objective : Objective
        Where the gradients come from.
    device : str or torch.device
        Where they are computed.

    Returns
    -------
    signals : Signals
        In arrays.
    """
    return _signals(network, objective, device).means(objective.sample_weight)


def _signals(network, objective, device) -> DeviceSignals:
    return device_signals(network, device, objective.samples, *objective.loss_arguments)


def _ties_broken(blocks: Iterable[tuple[int, Tensor]], rng, device) -> Iterator[tuple[int, Tensor]]:
    """The same blocks with tiny random numbers in place of zeros."""
    generator = torch.Generator(device).manual_seed(int(rng.integers(2**63)))
    for first, size in blocks:
        zero = size == 0
        noise = torch.rand(size.shape, generator=generator, dtype=size.dtype, device=device)
        tiny = torch.finfo(size.dtype).tiny
        yield first, torch.where(zero, (1 + noise) * tiny, size)
