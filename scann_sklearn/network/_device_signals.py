"""One pass forward and backward of a whole batch on a device, and what growth takes from it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from scann_sklearn.network._device_ranking import as_tensor
from scann_sklearn.network._dormant import Places
from scann_sklearn.network._inference import check_samples
from scann_sklearn.network._layer import Signals
from scann_sklearn.network._module import LevelPlan, deltas_by_level, values_by_level
from scann_sklearn.network._samples import as_samples
from scann_sklearn.network._torch_losses import TorchLoss

_BLOCK = 2**25  # gradients in memory at once


class DeviceSignals(NamedTuple):
    """`Signals` in tensors.

    Parameters
    ----------
    activation : torch.Tensor of shape (n_sources, n_samples)
        Values of the sources.
    delta : torch.Tensor of shape (n_targets, n_samples)
        Gradient of the mean loss with respect to every target before its ReLU.
    """

    activation: Tensor
    delta: Tensor

    def candidates(self, places: Places) -> Iterator[tuple[int, Tensor]]:
        """Blocks of places with the sizes of their gradients, see `Layer`.

        Parameters
        ----------
        places : Places
            Of the connections that are allowed.

        Yields
        ------
        first : int
            The first place of a block.
        size : torch.Tensor
            Absolute gradient at each place; -1 at connections that exist.
        """
        device, starts = self.delta.device, places.csr[0]
        first, last, indptr, indices = (
            as_tensor(array, device) for array in (places.first, places.last, *places.csr)
        )
        for rows, columns in places.rectangles(_BLOCK):
            size = (self.delta[rows] @ self.activation[columns].T).abs_()
            targets = torch.repeat_interleave(indptr[rows.start : rows.stop + 1].diff())
            own = indices[int(starts[rows.start]) : int(starts[rows.stop])].long()
            size[targets, own - columns.start] = -1
            whole = size.numel() == places.offset[rows.stop] - places.offset[rows.start]
            if not whole:  # some targets have other sources
                source = torch.arange(columns.start, columns.stop, device=device)
                size = size[(source >= first[rows, None]) & (source < last[rows, None])]
            yield int(places.offset[rows.start]), size.flatten()

    def means(self, sample_weight) -> Signals:
        """Signals of one sample of weight 1 that make connections as important as these do.

        Parameters
        ----------
        sample_weight : ndarray of shape (n_samples,)
            Weights of the samples.

        Returns
        -------
        signals : Signals
            In arrays; see `Topology.saliency`.
        """
        total = np.sum(sample_weight)
        if total == 0:
            raise ZeroDivisionError("The weights of the samples sum to zero.")
        share = as_tensor(sample_weight / total, self.delta.device)
        size = self.activation.abs() @ share.to(self.activation.dtype)
        slope = self.delta.abs().sum(dim=1)
        return Signals(*(values.cpu().numpy()[:, None] for values in (size, slope)))


@torch.inference_mode(False)
@torch.enable_grad()
def device_signals(
    network, device, X, loss, loss_numbers, labels, values, sample_weight
) -> DeviceSignals:
    """Run a batch forward and backward on a device.

    Parameters
    ----------
    network : Network
        A network of neurons alone.
    device : str or torch.device
        Where to compute.
    X : ndarray or Samples of shape (n_samples, n_inputs)
        Samples.
    loss : int
        Code of the loss.
    loss_numbers : dict of int to float
        Numbers that it takes, by their codes.
    labels : ndarray of int64 of shape (n_samples,)
        Class of each sample.
    values : ndarray of shape (n_outputs, n_samples) or (n_outputs, 0)
        What each output should be; empty where the labels say it.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples.

    Returns
    -------
    signals : DeviceSignals
        What the batch did to the connections.

    Raises
    ------
    ValueError
        If there are not as many labels as samples, or X doesn't have the network's inputs.
    """
    X = check_samples(as_samples(X).dense(), network.n_inputs, network.weight.dtype)
    if len(labels) != len(X):
        raise ValueError(f"{len(labels)} labels for {len(X)} samples.")
    X, weight, bias, labels, sample_weight = (
        as_tensor(array, device)
        for array in (X, network.weight, network.bias, labels, sample_weight)
    )
    wanted = as_tensor(values.T, device) if values.size else None
    plan = LevelPlan(network.topology, device)
    blocks = plan.blocks(weight)
    value = values_by_level(plan, blocks, X, bias)
    output = value[plan.n_hidden :].T.detach().requires_grad_()
    criterion = TorchLoss(loss, loss_numbers)(output, (labels, wanted, sample_weight))
    (gradient,) = torch.autograd.grad(criterion, output)
    delta = deltas_by_level(plan, blocks, value, gradient)
    hidden = value[plan.place[: plan.n_hidden]]
    return DeviceSignals(torch.cat([X.T, hidden]), delta[plan.place])
