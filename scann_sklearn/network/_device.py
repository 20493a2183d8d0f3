"""Which devices there are, and which compute operations: the CPU is told without loading torch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._samples import SparseSamples


def check_device(device) -> None:
    """Raise where a device isn't there.

    Parameters
    ----------
    device : str or torch.device
        As torch names it.

    Raises
    ------
    ValueError
        If torch can't compute on it here.
    """
    if device == "cpu":
        return
    import torch  # for other devices only: loading it takes longer than many a fit

    try:
        torch.zeros(1, device=device).cpu()
    except Exception as error:  # backends that aren't there fail each in its own way
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ValueError(f"device={device!r} can't be used here: {reason}") from error


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
