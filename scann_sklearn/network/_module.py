# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
"""The network as a torch module, computed level by level.

Neurons of one level (longest path from the inputs) don't depend on each other: one product a
level. The product with the inputs is done once for all levels. A level's block of weights spans
the sources that its neurons use, so that the work of a multilayer perceptron follows its layers
and not the square.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable


class LevelPlan:
    """Where each connection and neuron stands when a network is computed level by level.

    Targets are sorted by level, the outputs last; hidden sources have the place of their target.

    Parameters
    ----------
    topology : Topology
        The connections that exist.
    device : torch.device, default=None
        Where the index arrays live.
    """

    def __init__(self, topology, device=None):
        n_hidden, n_inputs = topology.n_hidden, topology.n_inputs
        levels = topology.levels.copy()
        levels[n_hidden:] = levels.max(initial=0) + 1  # nothing depends on an output
        order = np.argsort(levels, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        rows = place[topology.targets]
        from_input = topology.indices < n_inputs
        columns = np.where(
            from_input, topology.indices, place[np.maximum(topology.indices - n_inputs, 0)]
        )
        self.n_inputs, self.n_hidden, self.n_targets = n_inputs, n_hidden, topology.n_targets
        self.blocks = []  # (rows, columns, where the block begins and ends in the buffer)
        slot = np.empty(topology.n_connections, dtype=np.int64)
        self.buffer_size = 0
        self.input_block = self._add_block(from_input, rows, columns, slot)
        self.level_rows = _slices(levels[order])
        level_of = levels[topology.targets]
        by_level = np.argsort(np.where(from_input, 0, level_of), kind="stable")
        bounds = np.searchsorted(np.where(from_input, 0, level_of)[by_level], levels[order])
        self.level_blocks = []
        for part in self.level_rows:
            first = bounds[part.start]
            last = len(by_level) if part.stop == len(order) else bounds[part.stop]
            self.level_blocks.append(self._add_block(by_level[first:last], rows, columns, slot))
        self.order = torch.as_tensor(order, device=device)
        self.place = torch.as_tensor(place, device=device)
        in_order = self.buffer_size == len(slot) and bool((np.diff(slot) == 1).all())
        self.slot = None if in_order else torch.as_tensor(slot, device=device)

    def _add_block(self, connections, rows, columns, slot):
        """Reserve a dense block that spans the given connections; None if there are none."""
        r, c = rows[connections], columns[connections]
        if len(r) == 0:
            return None
        row, column = slice(r.min(), r.max() + 1), slice(c.min(), c.max() + 1)
        width = column.stop - column.start
        slot[connections] = self.buffer_size + (r - row.start) * width + (c - column.start)
        place = slice(self.buffer_size, self.buffer_size + (row.stop - row.start) * width)
        self.buffer_size = int(place.stop)
        return row, column, place

    def spread(self, weight):
        """Buffer of dense blocks that holds the weights of the connections."""
        if self.slot is None:
            return weight
        return weight.new_zeros(self.buffer_size).index_copy_(0, self.slot, weight)

    def collect(self, buffer):
        """Values of the connections from a buffer of dense blocks."""
        return buffer if self.slot is None else buffer[self.slot]


def _slices(sorted_values):
    """Slices of equal values."""
    edges = np.flatnonzero(np.diff(sorted_values)) + 1
    edges = [0, *edges.tolist(), len(sorted_values)]
    return [slice(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def _view(buffer, block):
    row, column, place = block
    return buffer[place].view(row.stop - row.start, column.stop - column.start)


class _LevelByLevel(Function):
    """Outputs of all targets, feature-major; one backward pass for all gradients."""

    @staticmethod
    def forward(ctx, X, weight, bias, plan):
        buffer = plan.spread(weight)
        value = bias[plan.order].unsqueeze(1).repeat(1, X.shape[0])
        if plan.input_block is not None:
            rows, columns, _ = plan.input_block
            value[rows].addmm_(_view(buffer, plan.input_block), X[:, columns].T)
        for rows, block in zip(plan.level_rows, plan.level_blocks, strict=True):
            if block is not None:
                value[block[0]].addmm_(_view(buffer, block), value[block[1]])
            if rows.stop <= plan.n_hidden:
                value[rows].relu_()
        ctx.plan, ctx.needs_X = plan, X.requires_grad
        ctx.save_for_backward(X, buffer, value)
        return value[plan.n_hidden :].T

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient):
        plan = ctx.plan
        X, buffer, value = ctx.saved_tensors
        delta = torch.zeros_like(value)
        delta[plan.n_hidden :] = gradient.T
        buffer_grad = torch.empty_like(buffer)
        levels = list(zip(plan.level_rows, plan.level_blocks, strict=True))
        for rows, block in reversed(levels):
            if rows.stop <= plan.n_hidden:
                delta[rows].mul_(value[rows] > 0)
            if block is not None:
                row, column, _ = block
                delta[column].addmm_(_view(buffer, block).T, delta[row])
                torch.mm(delta[row], value[column].T, out=_view(buffer_grad, block))
        X_grad = None
        if plan.input_block is not None:
            row, column, _ = plan.input_block
            torch.mm(delta[row], X[:, column], out=_view(buffer_grad, plan.input_block))
            if ctx.needs_X:
                X_grad = torch.zeros_like(X)
                X_grad[:, column] = delta[row].T @ _view(buffer, plan.input_block)
        return X_grad, plan.collect(buffer_grad), delta.sum(dim=1)[plan.place], None


class SparseNetwork(nn.Module):
    """A sparse feed-forward network of ReLU neurons as a torch module.

    Only the connections that exist are parameters. Computed level by level on any device.

    Parameters
    ----------
    network : Network
        Topology, weights and biases. On the CPU the parameters share memory with its arrays.
    device : str or torch.device, default="cpu"
        Where to compute.

    Attributes
    ----------
    weight : torch.nn.Parameter of shape (n_connections,)
        Strength of each connection, ordered by target, then by source.
    bias : torch.nn.Parameter of shape (n_hidden + n_outputs,)
        Bias of each hidden neuron, then of each output.
    """

    def __init__(self, network, device="cpu"):
        super().__init__()
        self.weight = nn.Parameter(torch.as_tensor(network.weight, device=device))
        self.bias = nn.Parameter(torch.as_tensor(network.bias, device=device))
        self.topology = network.topology
        self._plan = None

    def forward(self, X):
        """Compute the outputs before softmax or the logistic function.

        Parameters
        ----------
        X : torch.Tensor of shape (n_samples, n_inputs)
            Samples, of the dtype and on the device of the parameters.

        Returns
        -------
        outputs : torch.Tensor of shape (n_samples, n_outputs)
            One column an output.
        """
        if self._plan is None or self._plan.order.device != self.weight.device:
            self._plan = LevelPlan(self.topology, self.weight.device)
        return _LevelByLevel.apply(X, self.weight, self.bias, self._plan)

    def extra_repr(self):
        """Describe the network's size, for `print`.

        Returns
        -------
        text : str
            Inputs, hidden neurons, outputs and connections.
        """
        t = self.topology
        return (
            f"inputs={t.n_inputs}, hidden={t.n_hidden}, outputs={t.n_outputs}, "
            f"connections={t.n_connections}, depth={t.depth}"
        )
