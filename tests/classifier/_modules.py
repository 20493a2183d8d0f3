"""Small torch modules, and the digits that they get."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

X, Y = load_digits(return_X_y=True)
X_TRAIN, Y_TRAIN, X_TEST, Y_TEST = X[:1200], Y[:1200], X[1200:], Y[1200:]
FEW = X_TRAIN[:300], Y_TRAIN[:300]


def images_of(X):
    return X.reshape(-1, 1, 8, 8)


class Counting(nn.Module):
    """Convolutions with all that a copy in evaluation mode has to be careful with."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.register_buffer("n_samples", torch.zeros(()))

    def forward(self, X):
        self.n_samples += len(X)
        return self.inner(X)


class Calls(nn.Module):
    """A module that calls a function."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, X):
        return self.function(X)


def convolutions():
    """Convolutions of 4 x 3 x 3 values, the first of which works in place."""
    weight = np.random.default_rng(0).normal(size=(4, 1, 3, 3)) / 3
    layer = nn.Conv2d(1, 4, 3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight))
        layer.bias.zero_()
    layers = [nn.Hardtanh(0, 16, inplace=True), layer, nn.BatchNorm2d(4), nn.ReLU()]
    return nn.Sequential(*layers, nn.Dropout(0.5), nn.MaxPool2d(2))


def halves(X):
    return torch.stack([X[:, :32].sum(1), X[:, 32:].sum(1), X[:, 20]], 1)
