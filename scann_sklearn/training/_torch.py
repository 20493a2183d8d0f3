"""The torch engine: a skorch net that trains batch by batch, on any device."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from scann_sklearn.network import Network, SparseNetwork
from scann_sklearn.network._samples import DenseSamples
from scann_sklearn.network._torch_losses import TorchLoss
from scann_sklearn.training._fork import keep_torch_from_waiting
from scann_sklearn.training._skorch import NeuralNet, unpack_data


class Batches:
    """Slices of tensors, where a DataLoader would collate row by row; every pass in a new order.

    Parameters
    ----------
    objective : Objective
        The training data.
    batch_size : int
        Samples in a batch.
    next_order : callable
        Returns the order of the samples of the next pass.
    device : torch.device
        Where the tensors are.
    """

    def __init__(self, objective, batch_size, next_order, device) -> None:
        targets, samples = objective.targets, objective.samples
        arrays = [targets.labels, targets.sample_weight]
        if targets.has_values:
            arrays.append(np.ascontiguousarray(targets.values.T))
        self.tensors = [torch.as_tensor(array, device=device) for array in arrays]
        self.samples, self.X = samples, None
        if isinstance(samples, DenseSamples):
            self.X = torch.as_tensor(samples.X, device=device)
        self.batch_size, self.next_order = batch_size, next_order

    def __iter__(self) -> Iterator[tuple[Tensor, tuple[Tensor, Tensor | None, Tensor]]]:
        device = self.tensors[0].device
        order = torch.as_tensor(self.next_order(), device=device)
        for rows in order.split(self.batch_size):
            if self.X is None:  # sparse: one batch is dense at a time
                X = torch.as_tensor(self.samples.dense(rows.cpu().numpy()), device=device)
            else:
                X = self.X[rows]
            labels, sample_weight, *values = (tensor[rows] for tensor in self.tensors)
            yield X, (labels, values[0] if values else None, sample_weight)
            del X


class TorchEngine(NeuralNet):
    """Trains by torch.

    Parameters
    ----------
    objective : Objective
        The training data.
    options : TrainingOptions
        How to train.
    next_order : callable
        Returns the order of the samples of the next epoch.
    """

    def __init__(self, objective, options, next_order) -> None:
        keep_torch_from_waiting()
        self.objective, self.options, self.next_order = objective, options, next_order
        super().__init__(
            SparseNetwork,
            criterion=TorchLoss,
            criterion__kind=objective.head.loss,
            criterion__numbers=objective.loss_numbers,
            optimizer=getattr(torch.optim, options.optimizer.torch_name),
            lr=options.learning_rate_init,
            **_optimizer_parameters(options),
            iterator_train=None,
            train_split=None,
            callbacks="disable",
            device=options.device,
            verbose=0,
        )
        self.batches = None if objective.renew else self._batches_of(objective)

    def _batches_of(self, objective) -> Batches:
        return Batches(objective, self.options.batch_size, self.next_order, self.options.device)

    def begin(self, network) -> None:
        """Take a network over, with its optimizer's memory.

        Parameters
        ----------
        network : Network
            On the CPU its arrays change in place.
        """
        self.source, self.n_updates = network, network.n_updates
        if not self.initialized_:
            self.initialize()
        else:
            self._initialize_module()
            self._initialize_optimizer()
        pairs = self.options.moments_of(network)
        for i, parameter in enumerate((self.module_.weight, self.module_.bias)):
            state = self.optimizer_.state[parameter]
            for name, pair in zip(self.options.optimizer.moments, pairs, strict=True):
                state[name] = torch.as_tensor(pair[i], device=self.device)
            if self.options.solver != "sgd":
                state["step"] = torch.tensor(float(network.n_updates))

    def initialize_module(self) -> Self:
        """Make the module that holds the network's arrays."""
        self.module_ = SparseNetwork(self.source, self.device)
        return self

    def get_loss(self, y_pred, y_true, X=None, training=False) -> Tensor:
        """Loss of a batch, whose targets are tensors already."""
        return self.criterion_(y_pred, y_true)

    def epoch(self, rate) -> float:
        """Train on the samples of an epoch once.

        Parameters
        ----------
        rate : float
            Learning rate.

        Returns
        -------
        loss : float
            Mean loss of the samples.
        """
        for group in self.optimizer_.param_groups:
            group["lr"] = rate
        self.module_.train()
        total, rows = 0.0, 0
        for batch in self.batches or self._batches_of(self.objective.of_epoch()):
            step = self.train_step(batch)
            n = len(unpack_data(batch)[0])
            total = total + step["loss"].detach() * n
            rows += n
            self.n_updates += 1
            del batch, step  # before the next batch is made
        return float(total) / rows

    def network(self) -> Network:
        """The network with the weights, biases and moments as they are now.

        Returns
        -------
        network : Network
            On the CPU its arrays change with the next epoch.
        """
        parameters = (self.module_.weight, self.module_.bias)
        states = [self.optimizer_.state[parameter] for parameter in parameters]
        weight, bias = (_array(parameter) for parameter in parameters)
        moments = tuple(
            tuple(_array(state[name]) for state in states)
            for name in self.options.optimizer.moments
        )
        return replace(
            self.source, weight=weight, bias=bias, moments=moments, n_updates=self.n_updates
        )


def _optimizer_parameters(options) -> dict[str, Any]:
    # A bias isn't shrunk, as in scikit-learn's MLP.
    parameters = {
        "optimizer__weight_decay": options.weight_decay,
        "optimizer__param_groups": [("*bias", {"weight_decay": 0.0})],
    }
    if options.solver == "sgd":
        parameters["optimizer__momentum"] = options.momentum
        parameters["optimizer__nesterov"] = options.nesterovs_momentum and options.momentum > 0
    else:
        parameters["optimizer__betas"] = (options.beta_1, options.beta_2)
        parameters["optimizer__eps"] = options.epsilon
    return parameters


def _array(tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
