"""One pass forward and backward of a whole batch on a device, and what growth takes from it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from scann_sklearn.network._dormant import Places
from scann_sklearn.network._layer import Signals
from scann_sklearn.network._module import LevelPlan, deltas_by_level, values_by_level
from scann_sklearn.network._samples import as_samples
from scann_sklearn.network._torch_losses import TorchLoss

_BLOCK = 2**25  # places whose gradients are in memory at once


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
        device = self.delta.device
        arrays = (places.first, places.last, *places.csr)
        first, last, indptr, indices = (torch.tensor(a, device=device) for a in arrays)
        for rows in places.blocks(_BLOCK):
            low, high = int(places.first[rows].min()), int(places.last[rows].max())
            size = (self.delta[rows] @ self.activation[low:high].T).abs_()
            starts = indptr[rows.start : rows.stop + 1]
            targets = torch.repeat_interleave(starts.diff())
            size[targets, indices[int(starts[0]) : int(starts[-1])].long() - low] = -1
            source = torch.arange(low, high, device=device)
            allowed = (source >= first[rows, None]) & (source < last[rows, None])
            yield int(places.offset[rows.start]), size[allowed]

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
        weight = torch.tensor(sample_weight, device=self.delta.device)
        size = self.activation.abs() @ weight.to(self.activation.dtype) / weight.sum()
        slope = self.delta.abs().sum(dim=1)
        return Signals(*(values.cpu().numpy()[:, None] for values in (size, slope)))


def device_signals(
    network, X, loss, loss_numbers, labels, values, sample_weight, device
) -> DeviceSignals:
    """Run a batch forward and backward; parameters as for `signals_of`, and the device.

    Parameters
    ----------
    network : Network
        A network of neurons alone.
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
    device : str or torch.device
        Where to compute.

    Returns
    -------
    signals : DeviceSignals
        What the batch did to the connections.
    """
    arrays = (as_samples(X).dense(), network.weight, network.bias, labels, sample_weight)
    X, weight, bias, labels, sample_weight = (torch.tensor(a, device=device) for a in arrays)
    wanted = torch.tensor(values.T, device=device) if values.size else None
    plan = LevelPlan(network.topology, device)
    blocks = plan.blocks(weight)
    value = values_by_level(plan, blocks, X.to(weight.dtype), bias)
    output = value[plan.n_hidden :].T.detach().requires_grad_()
    criterion = TorchLoss(loss, loss_numbers)(output, (labels, wanted, sample_weight))
    (gradient,) = torch.autograd.grad(criterion, output)
    delta = deltas_by_level(plan, blocks, value, gradient)
    hidden = value[plan.place[: plan.n_hidden]]
    return DeviceSignals(torch.cat([X.T.to(weight.dtype), hidden]), delta[plan.place])
