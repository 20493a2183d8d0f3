"""The compiled engine for networks with maps: kernels of both kinds, batch by batch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
from sklearn.utils import gen_batches

from scann_sklearn.network import _codes
from scann_sklearn.network._exponential import scratch
from scann_sklearn.network._kernels import backward, forward
from scann_sklearn.network._losses import batch_loss
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._training import update
from scann_sklearn.training._compiled import CompiledEngine


class CompiledMapsEngine(CompiledEngine):
    """Trains convolutions and neurons by the compiled kernels; see `CompiledEngine`."""

    _network: MapNetwork

    def begin(self, network) -> None:
        """Take a network over, with its optimizer's memory.

        Parameters
        ----------
        network : MapNetwork
            Its arrays change in place.
        """
        super().begin(network)
        self._csr = network.topology.csr
        self._csr_from_maps = network.csr_from_maps()
        self._gradient = np.empty_like(network.weight), np.empty_like(network.bias)

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
        objective, dtype = self.objective.of_epoch(), self._network.weight.dtype
        numbers = self.options.numbers(rate, objective.loss_numbers, dtype)
        order, loss = self.next_order(), 0.0
        for some in gen_batches(len(order), self.options.batch_size):
            loss += self._gradients(objective, order[some], numbers)
            self._n_updates += 1
            self._update(numbers)
        return loss / len(order)

    def _gradients(self, objective, rows, numbers) -> float:
        """Fill in the gradients of a batch; the sum of its losses."""
        network, targets, m = self._network, objective.targets, len(rows)
        t, front, dtype = network.topology, network.front, network.weight.dtype
        w, b = front.n_connections, front.n_maps
        images = np.ascontiguousarray(objective.samples.dense(rows).T).ravel()
        maps, memory = front.forward(images, network.weight[:w], network.bias[:b], m)
        activation = np.empty((t.n_inputs + t.n_hidden, m), dtype)
        activation[: t.n_inputs] = maps.reshape(t.n_inputs, m)
        output, delta_output = np.empty((2, t.n_outputs, m), dtype)
        weight, bias = network.weight[w:], network.bias[b:]
        forward(t.n_inputs, *self._csr, weight, bias, activation, output, m)
        values = targets.values[:, rows] if targets.values.shape[1] else targets.values
        loss = batch_loss(
            objective.head.loss, output, targets.labels[rows],
            np.ascontiguousarray(values), targets.sample_weight[rows], numbers, delta_output,
            scratch(m, dtype), m,
        )  # fmt: skip
        delta = np.empty_like(activation)
        weight_grad, bias_grad = self._gradient
        all_bias_grad = np.empty(t.n_inputs + t.n_targets, dtype)
        backward(
            0, *self._csr_from_maps, weight, activation, delta_output, delta, weight_grad[w:],
            all_bias_grad, m,
        )  # fmt: skip
        bias_grad[b:] = all_bias_grad[t.n_inputs :]
        weight_grad[:w], bias_grad[:b], _ = front.backward(
            memory, network.weight[:w], delta[: t.n_inputs].ravel(), m
        )
        return loss

    def _update(self, numbers) -> None:
        first, second = self._moments[0], self._moments[-1]
        parameters = self._network.weight, self._network.bias
        decays = numbers[_codes.WEIGHT_DECAY], numbers.dtype.type(0)
        code = self.options.optimizer.code
        for i, decay in enumerate(decays):
            update(
                code, numbers, self._n_updates, parameters[i], self._gradient[i], first[i],
                second[i], decay,
            )  # fmt: skip
