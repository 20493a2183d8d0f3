"""The usual way, as a peer: masked matrices, hidden neurons computed one by one in torch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import torch
from torch import nn


class NeuronByNeuron(nn.Module):
    """A general feed-forward network whose masks save nothing.

    Parameters
    ----------
    network : scann_sklearn.network.Network
        Where the mask and the initial weights come from.
    """

    def __init__(self, network):
        super().__init__()
        t = network.topology
        mask = torch.as_tensor(t.to_mask())
        weight = torch.zeros(mask.shape, dtype=torch.as_tensor(network.weight).dtype)
        weight[mask] = torch.as_tensor(network.weight)
        self.register_buffer("mask", mask)
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.as_tensor(network.bias))
        self.n_inputs, self.n_hidden = t.n_inputs, t.n_hidden

    def forward(self, X):
        """Outputs before softmax."""
        weight = self.weight * self.mask
        values = X
        for i in range(self.n_hidden):
            row = weight[i, : self.n_inputs + i]
            neuron = torch.relu(values @ row + self.bias[i])
            values = torch.cat([values, neuron.unsqueeze(1)], dim=1)
        return values @ weight[self.n_hidden :].T + self.bias[self.n_hidden :]


def train_batch(module, optimizer, X, y):
    """One step of gradient descent."""
    optimizer.zero_grad()
    nn.functional.cross_entropy(module(X), y, label_smoothing=0.1).backward()
    optimizer.step()
