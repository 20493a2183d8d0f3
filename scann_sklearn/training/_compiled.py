"""The compiled engine: an epoch in one call, whose cost follows the connections."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scann_sklearn.network import Network, _training
from scann_sklearn.network._exponential import scratch
from scann_sklearn.network._samples import SparseSamples
from scann_sklearn.training._objective import Objective
from scann_sklearn.training._options import TrainingOptions


class CompiledEngine:
    """Trains by the compiled kernels.

    Parameters
    ----------
    objective : Objective
        The training data.
    options : TrainingOptions
        How to train.
    next_order : callable
        Returns the order of the samples of the next epoch.
    """

    def __init__(
        self, objective: Objective, options: TrainingOptions, next_order: Callable[[], np.ndarray]
    ) -> None:
        self.objective, self.options, self.next_order = objective, options, next_order

    def begin(self, network: Network) -> None:
        """Take a network over, with its optimizer's memory.

        Parameters
        ----------
        network : Network
            Its arrays change in place.
        """
        self._network, self._n_updates = network, network.n_updates
        self._moments = self.options.moments_of(network)

    def epoch(self, rate: float) -> float:
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
        objective = self.objective.of_epoch()
        targets = objective.targets
        network, batch_size = self._network, self.options.batch_size
        topology, dtype = network.topology, network.weight.dtype
        samples, train = objective.samples, _training.train_epoch
        if isinstance(samples, SparseSamples):
            train = _training.train_sparse_epoch
        X, inputs, connections = samples.inputs(topology)
        first, second = self._moments[0], self._moments[-1]  # SGD has one: that isn't touched twice
        order = self.next_order()
        loss = train(
            X, targets.labels, targets.values, targets.sample_weight, order, batch_size,
            objective.head.loss, topology.n_outputs, *connections, inputs, network.weight,
            network.bias, self.options.optimizer.code,
            self.options.numbers(rate, objective.loss_numbers, dtype), self._n_updates,
            first[0], second[0], first[1], second[1], scratch(batch_size, dtype),
        )  # fmt: skip
        self._n_updates += -(-len(order) // batch_size)
        return loss

    def network(self) -> Network:
        """The network with the weights, biases and moments as they are now.

        Returns
        -------
        network : Network
            Its arrays change with the next epoch.
        """
        return replace(self._network, moments=self._moments, n_updates=self._n_updates)
