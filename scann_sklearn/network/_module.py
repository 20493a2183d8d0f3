"""The network as a torch module, computed level by level.

Neurons of one level (longest path from the inputs) don't depend on each other: one product a
level. The product with the inputs is done once for all levels. A level's block of weights spans
the sources that its neurons use, so that the work of a multilayer perceptron follows its layers
and not the square. Where there are maps, they are computed first: `_map_module`.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from scann_sklearn.network._levels import LevelLayout
from scann_sklearn.network._map_module import FrontModule
from scann_sklearn.network._map_network import MapNetwork


class LevelPlan(LevelLayout):
    """Layout of a network with its indices as tensors, and the buffers that they point into.

    Parameters
    ----------
    topology : Topology
        The connections that exist.
    device : torch.device, default=None
        Where the index arrays live.
    """

    def __init__(self, topology, device=None) -> None:
        super().__init__(topology)
        self._blocks: Blocks | None = None
        self.order = torch.as_tensor(self.order, device=device)
        self.place = torch.as_tensor(self.place, device=device)
        in_order = self.buffer_size == len(self.slot) and bool((np.diff(self.slot) == 1).all())
        self.slot = None if in_order else torch.as_tensor(self.slot, device=device)

    def blocks(self, weight) -> Blocks:
        """Dense blocks that hold the weights of the connections.

        They live from batch to batch: making their views anew costs more than small products.
        """
        buffer = weight.detach() if self.slot is None else self._own_buffer(weight)
        if self._blocks is None or self._blocks.buffer.data_ptr() != buffer.data_ptr():
            self._blocks = Blocks(self, buffer)
        return self._blocks

    def _own_buffer(self, weight) -> torch.Tensor:
        old = None if self._blocks is None else self._blocks.buffer
        if old is None or (old.dtype, old.device) != (weight.dtype, weight.device):
            old = weight.new_zeros(self.buffer_size)
        return old.index_copy_(0, self.slot, weight.detach())

    def spread(self, weight) -> torch.Tensor:
        """Buffer of dense blocks that hold the weights, as a function of these."""
        if self.slot is None:
            return weight
        return weight.new_zeros(self.buffer_size).index_copy(0, self.slot, weight)

    def collect(self, buffer) -> torch.Tensor:
        """Values of the connections from a buffer of dense blocks."""
        return buffer if self.slot is None else buffer[self.slot]


class Blocks:
    """Views of a buffer: a matrix for the inputs, and one per level.

    Attributes
    ----------
    inputs : torch.Tensor or None
        Between inputs and targets.
    square : torch.Tensor or None
        Between hidden neurons and targets, where the levels are parts of one matrix.
    levels : list of torch.Tensor
        What comes into each level from hidden neurons; None where nothing does.
    outgoing : list of torch.Tensor
        With `square`: what goes out of each hidden level to the targets after it, transposed.
    """

    def __init__(self, plan, buffer) -> None:
        # no reference to the plan, which has one to this: on a GPU such a circle would live on
        self.buffer, self.sizes, self.columns = buffer, plan.level_sizes, plan.level_columns
        rows = plan.input_rows.stop - plan.input_rows.start
        self.inputs = buffer[: plan.input_size].view(rows, -1) if rows else None
        self.hidden = buffer[plan.input_size :]
        shape = (plan.n_targets, plan.n_hidden)
        self.square: Any = self.hidden.view(shape) if plan.square else None
        self.areas = plan.block_sizes

    @cached_property
    def levels(self) -> list[torch.Tensor | None]:
        if self.square is not None:
            parts = zip(self.square.split(self.sizes), self.columns, strict=True)
            return [part[:, columns] if columns else None for part, columns in parts]
        parts = self.hidden.split(self.areas)
        triples = zip(parts, self.sizes, self.columns, strict=True)
        return [part.view(size, -1) if columns else None for part, size, columns in triples]

    @cached_property
    def outgoing(self) -> list[torch.Tensor]:
        stops = np.cumsum(self.sizes[:-1]).tolist()
        starts = [0, *stops[:-1]]
        return [self.square[stop:, start:stop].T for start, stop in zip(starts, stops, strict=True)]


def values_by_level(plan, blocks, X, bias) -> torch.Tensor:
    """Values of all targets, feature-major and in the order of the plan.

    Parameters
    ----------
    plan : LevelPlan
        The layout.
    blocks : Blocks
        The weights.
    X : torch.Tensor of shape (n_samples, n_inputs)
        Samples.
    bias : torch.Tensor of shape (n_targets,)
        Biases, in the order of the targets.

    Returns
    -------
    value : torch.Tensor of shape (n_targets, n_samples)
        Of hidden neurons after their ReLU.
    """
    value = bias[plan.order].unsqueeze(1).repeat(1, X.shape[0])
    if blocks.inputs is not None:
        value[plan.input_rows].addmm_(blocks.inputs, X[:, plan.input_columns].T)
    parts = value.split(plan.level_sizes)
    for part, block, columns in zip(parts, blocks.levels, plan.level_columns, strict=True):
        if block is not None:
            part.addmm_(block, value[columns])
        if part is not parts[-1]:
            part.relu_()
    return value


def deltas_by_level(plan, blocks, value, gradient, grads=None) -> torch.Tensor:
    """Gradients with respect to all targets before their ReLU, in the order of the plan.

    Parameters
    ----------
    plan : LevelPlan
        The layout.
    blocks : Blocks
        The weights.
    value : torch.Tensor of shape (n_targets, n_samples)
        See `values_by_level`.
    gradient : torch.Tensor of shape (n_samples, n_outputs)
        With respect to the outputs.
    grads : Blocks, default=None
        Filled with the gradients of the weights between neurons.

    Returns
    -------
    delta : torch.Tensor of shape (n_targets, n_samples)
        The gradients.
    """
    delta = torch.zeros_like(value)
    delta[plan.n_hidden :] = gradient.T
    if plan.square:
        _pull(plan, blocks, value, delta)
        if grads is not None:
            torch.mm(delta, value[: plan.n_hidden].T, out=grads.square)
    else:
        _push(plan, blocks, value, delta, grads)
    return delta


class _LevelByLevel(Function):
    """Outputs of all targets, feature-major; one backward pass for all gradients."""

    @staticmethod
    def forward(ctx, X, weight, bias, plan) -> torch.Tensor:
        value = values_by_level(plan, plan.blocks(weight), X, bias)
        ctx.plan, ctx.needs_X = plan, X.requires_grad
        ctx.save_for_backward(X, weight, value)
        return value[plan.n_hidden :].T

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient) -> tuple[torch.Tensor | None, torch.Tensor, torch.Tensor, None]:
        plan = ctx.plan
        X, weight, value = ctx.saved_tensors
        blocks = plan.blocks(weight)
        grads = Blocks(plan, weight.new_empty(plan.buffer_size))
        delta = deltas_by_level(plan, blocks, value, gradient, grads)
        X_grad = torch.zeros_like(X) if ctx.needs_X else None
        if blocks.inputs is not None:
            part = delta[plan.input_rows]
            torch.mm(part, X[:, plan.input_columns], out=grads.inputs)
            if X_grad is not None:
                X_grad[:, plan.input_columns] = part.T @ blocks.inputs
        return X_grad, plan.collect(grads.buffer), delta.sum(dim=1)[plan.place], None


def _pull(plan, blocks, value, delta) -> None:
    """Deltas level by level, each from all targets after it."""
    parts = delta.split(plan.level_sizes)
    slopes = (value > 0).to(value.dtype).split(plan.level_sizes)
    stop = plan.n_hidden
    for part, slope, block in zip(parts[-2::-1], slopes[-2::-1], blocks.outgoing[::-1]):
        torch.mm(block, delta[stop:], out=part).mul_(slope)
        stop -= len(part)


def _push(plan, blocks, value, delta, grads) -> None:
    """Deltas level by level, each sent to its sources; the gradients of the levels' blocks."""
    parts = delta.split(plan.level_sizes)
    for i in reversed(range(len(parts))):
        columns = plan.level_columns[i]
        if i < len(parts) - 1:
            parts[i].mul_(value.split(plan.level_sizes)[i] > 0)
        if columns is not None:
            delta[columns].addmm_(blocks.levels[i].T, parts[i])
            if grads is not None:
                torch.mm(parts[i], value[columns].T, out=grads.levels[i])


class SparseNetwork(nn.Module):
    """A sparse feed-forward network of ReLU neurons as a torch module.

    Only the connections that exist are parameters. Outputs are computed level by level, on any
    device.

    Parameters
    ----------
    network : Network
        Topology, weights and biases, and layers of maps if it has any. On the CPU the parameters
        share memory with its arrays.
    device : str or torch.device, default="cpu"
        Device to compute on.

    Attributes
    ----------
    weight : torch.nn.Parameter of shape (n_connections,)
        Weight of each connection, ordered by target, then by source.
    bias : torch.nn.Parameter of shape (n_hidden + n_outputs,)
        Bias of each hidden neuron, then of each output.
    """

    def __init__(self, network, device="cpu") -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.as_tensor(network.weight, device=device))
        self.bias = nn.Parameter(torch.as_tensor(network.bias, device=device))
        self.topology = network.topology
        has_maps = isinstance(network, MapNetwork)
        self.maps = FrontModule(network.front, device) if has_maps else None
        self._plan: LevelPlan | None = None

    def forward(self, X) -> torch.Tensor:
        """Compute the outputs before softmax or the logistic function.

        Parameters
        ----------
        X : torch.Tensor of shape (n_samples, n_inputs)
            Samples (images flattened to rows), of the dtype and on the device of the parameters.

        Returns
        -------
        outputs : torch.Tensor of shape (n_samples, n_outputs)
            One column per output.
        """
        if self.maps is None:
            return self._neurons(X, self.weight, self.bias)
        front = self.maps.front
        of_maps, weight = self.weight.tensor_split([front.n_connections])
        bias_of_maps, bias = self.bias.tensor_split([front.n_maps])
        return self._neurons(self.maps(X, of_maps, bias_of_maps), weight, bias)

    def _neurons(self, X, weight, bias) -> torch.Tensor:
        """The outputs, of what the neurons read and of their own weights and biases."""
        return _LevelByLevel.apply(X, weight, bias, self.plan)

    @property
    def plan(self) -> LevelPlan:
        """Layout of the blocks, on the device of the parameters."""
        if self._plan is None or self._plan.order.device != self.weight.device:
            self._plan = LevelPlan(self.topology, self.weight.device)
        return self._plan

    def extra_repr(self) -> str:
        """Describe the size of the network, for `repr`.

        Returns
        -------
        text : str
            Numbers of inputs, hidden neurons, outputs and connections, and the depth.
        """
        t, front = self.topology, self.maps and self.maps.front
        n_inputs, depth = (front.source.size, len(front.layers)) if front else (t.n_inputs, 0)
        return (
            f"inputs={n_inputs}, hidden={t.n_hidden}, outputs={t.n_outputs}, "
            f"connections={len(self.weight)}, depth={depth + t.depth}"
        )
