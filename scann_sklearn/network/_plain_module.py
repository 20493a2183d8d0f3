"""The network as a torch module of plain operations, for all that torch can do with these."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import pad

from scann_sklearn.network._module import Blocks, SparseNetwork


class PlainNetwork(SparseNetwork):
    """The same network without a backward pass of its own.

    It takes longer to train, but has derivatives of any order and works under `torch.func`. The
    ReLU of each level is a submodule that is called once: there explainers put their hooks.

    Parameters
    ----------
    network : Network
        Topology, weights and biases, and layers of maps where there are some. On the CPU the
        parameters share memory with its arrays.
    device : str or torch.device, default="cpu"
        Where to compute.
    """

    def __init__(self, network, device="cpu") -> None:
        super().__init__(network, device)
        self.relus = nn.ModuleList(nn.ReLU() for _ in self.plan.level_sizes[:-1])

    def forward(self, X) -> torch.Tensor:
        """Compute the outputs before softmax or the logistic function.

        Parameters
        ----------
        X : torch.Tensor of shape (n_samples, n_inputs)
            Samples, images row by row, on the device of the parameters; converted to their dtype.

        Returns
        -------
        outputs : torch.Tensor of shape (n_samples, n_outputs)
            One column an output.
        """
        return super().forward(X.to(self.weight.dtype))

    def _neurons(self, X, weight, bias) -> torch.Tensor:
        plan = self.plan
        blocks = Blocks(plan, plan.spread(weight))
        sums = bias[plan.order].expand(len(X), -1)
        if blocks.inputs is not None:
            rows = plan.input_rows
            received = X[:, plan.input_columns] @ blocks.inputs.T
            sums = sums + pad(received, (rows.start, plan.n_targets - rows.stop))
        *hidden, outputs = zip(
            sums.split(plan.level_sizes, dim=1), blocks.levels, plan.level_columns, strict=True
        )
        values = X[:, :0]
        for level, activation in zip(hidden, self.relus, strict=True):
            values = torch.cat([values, activation(_received(values, *level))], dim=1)
        return _received(values, *outputs)


class Rows(nn.Module):
    """One row of numbers a sample."""

    def forward(self, X) -> torch.Tensor:
        """Flatten all but the first dimension, if there are others."""
        return X.reshape(len(X), -1)


def behind(extractor: nn.Module, network: PlainNetwork) -> nn.Sequential:
    """A network behind a module that makes what it reads.

    Parameters
    ----------
    extractor : torch.nn.Module
        It makes one entry of any shape for each sample.
    network : PlainNetwork
        It reads rows.

    Returns
    -------
    module : torch.nn.Sequential
        Both, and between them what makes rows.
    """
    return nn.Sequential(extractor, Rows(), network).eval()


def _received(values, sums, block, columns) -> torch.Tensor:
    """Sums of a level with what comes from hidden neurons."""
    return sums if block is None else sums + values[:, columns] @ block.T
