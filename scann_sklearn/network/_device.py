"""Which devices compute operations: asked without loading torch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._samples import SparseSamples


def computes_operations(device) -> bool:
    """Whether operations that change an architecture run on a device: on GPUs by CUDA.

    Parameters
    ----------
    device : str or torch.device
        As torch names it.

    Returns
    -------
    computes : bool
        False for the CPU, where compiled kernels are faster than torch, and for devices on which
        this was never tried.
    """
    return str(device).startswith("cuda")


def computes_gradients(device, network, samples) -> bool:
    """Whether the gradients of a growth are computed on a device.

    Parameters
    ----------
    device : str or torch.device
        As torch names it.
    network : Network
        Those of networks without convolutions are.
    samples : Samples
        Dense ones are; a batch of sparse ones needn't fit into memory as an array.

    Returns
    -------
    computes : bool
        Whether all of this is so.
    """
    if isinstance(network, MapNetwork) or isinstance(samples, SparseSamples):
        return False
    return computes_operations(device)
