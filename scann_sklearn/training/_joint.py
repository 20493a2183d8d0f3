"""The torch engine for a network and the module ahead of it, which are trained together."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self

import torch
from torch import nn

from scann_sklearn.network import Network, SparseNetwork
from scann_sklearn.network._joint_network import ModuleState
from scann_sklearn.training._torch import Batches, TorchEngine


class JointModule(nn.Module):
    """A module, the scaling of what it makes, and the network that reads it.

    Parameters
    ----------
    extractor : torch.nn.Module
        The module.
    network : SparseNetwork
        The network.
    center, scale : torch.Tensor of shape (n_inputs,)
        Its scaling.
    dtype : torch.dtype
        Of what the module gets.
    about : TrainedExtractor
        What its output adds to the loss, and the name of the module in errors.
    """

    def __init__(self, extractor, network, center, scale, dtype, about) -> None:
        super().__init__()
        self.extractor, self.network, self.dtype = extractor, network, dtype
        self.center, self.scale, self.about = center, scale, about
        self.penalty: torch.Tensor | None = None

    @property
    def weight(self) -> nn.Parameter:
        """Strength of each connection of the network."""
        return self.network.weight

    @property
    def bias(self) -> nn.Parameter:
        """Bias of each neuron of the network."""
        return self.network.bias

    def forward(self, X) -> torch.Tensor:
        """Compute the outputs.

        Parameters
        ----------
        X : torch.Tensor
            Samples as the module takes them.

        Returns
        -------
        outputs : torch.Tensor of shape (n_samples, n_outputs)
            One column an output.
        """
        try:
            made = self.extractor(X.to(self.dtype)).reshape(len(X), -1)
        except Exception as error:  # in training modules can do other things than before
            raise ValueError(
                f"{self.about.parameter} failed in training, on a batch of shape "
                f"{tuple(X.shape)}: "
                f"{type(error).__name__}: {error}"
            ) from error
        if made.shape[1] != len(self.center):
            raise ValueError(
                f"The output of {self.about.parameter} changes its shape: {made.shape[1]} "
                f"numbers per sample in training, but {len(self.center)} before."
            )
        self.penalty = self.about.penalty(made)
        return self.network((made.to(self.center.dtype) - self.center) / self.scale)


class JointEngine(TorchEngine):
    """Trains a network and the module ahead of it, by one optimizer.

    Parameters
    ----------
    objective : JointObjective
        The training data.
    options : TrainingOptions
        How to train.
    next_order : callable
        Returns the order of the samples of the next epoch.
    """

    def _batches_of(self, objective) -> Batches:
        batches = super()._batches_of(objective)
        batches.X, batches.samples = None, objective.source
        return batches

    def initialize_module(self) -> Self:
        """Make the module that holds all parameters."""
        source, network = self.objective.source, self.source
        extractor, dtype = source.copy_of(network.extractor)
        of_network = SparseNetwork(network, self.device)
        center, scale = (
            torch.as_tensor(values, dtype=of_network.weight.dtype, device=self.device)
            for values in (source.scaling.center, source.scaling.scale)
        )
        parts = (of_network, center, scale, dtype, source.extractor)
        module: Any = JointModule(extractor.to(self.device), *parts)
        self.module_ = module
        return self

    def get_loss(self, y_pred, y_true, X=None, training=False) -> torch.Tensor:
        """Loss of a batch, with what the output of the module adds."""
        module: Any = self.module_
        loss = super().get_loss(y_pred, y_true, X, training)
        if module.penalty is None:
            return loss
        return loss + (y_true[2] * module.penalty).mean()

    def begin(self, network) -> None:
        """Take a network over, with its optimizer's memory."""
        super().begin(network)
        moments = network.extractor.moments
        for name, parameter in self._parameters():
            if name in moments:
                known = {key: value.clone() for key, value in moments[name].items()}
                self.optimizer_.state[parameter] = {
                    key: value if key == "step" else value.to(self.device)
                    for key, value in known.items()
                }

    def network(self) -> Network:
        """The network as it is now; the state of the module is a copy."""
        memory = self.optimizer_.state
        moments = {
            name: _copied(memory[parameter])
            for name, parameter in self._parameters()
            if parameter in memory
        }
        module: Any = self.module_
        state = ModuleState(_copied(module.extractor.state_dict()), moments)
        network: Any = super().network()
        return replace(network, extractor=state)

    def _parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Those of the module ahead of the network."""
        module: Any = self.module_
        return module.extractor.named_parameters()


def _copied(tensors) -> dict[str, Any]:
    """Copies on the CPU of all that are tensors."""
    found = tensors.items()
    return {
        name: value.detach().to("cpu", copy=True)
        for name, value in found
        if isinstance(value, torch.Tensor)
    }
