"""The digits as images, and small convolutional sections."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from scann_sklearn import SchemeC

from ._helpers import short

X, Y = load_digits(return_X_y=True)
IMAGES = X.reshape(-1, 1, 8, 8) / 16
FEW = IMAGES[:300], Y[:300]
HELD = IMAGES[300:500], Y[300:500]


class Called(nn.Module):
    """A module that counts the samples it gets in evaluation."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.n_samples = inner, 0

    def forward(self, X):
        if not self.training:
            self.n_samples += len(X)
        return self.inner(X)


def convolution(n_in, n_out, *first, seed=0):
    """A normalised convolution with given weights."""
    layer = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
    weight = np.random.default_rng([seed, n_in, n_out]).normal(size=layer.weight.shape)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weight * np.sqrt(2 / (9 * n_in))))
    return nn.Sequential(*first, layer, nn.BatchNorm2d(n_out), nn.ReLU())


def three():
    """Three sections of images of 8 x 8, the last of which makes 12 features."""
    end = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    last = nn.Sequential(convolution(6, 12, nn.MaxPool2d(2)), end)
    return [convolution(1, 4), convolution(4, 6, nn.MaxPool2d(2)), last]


def of_images(**parameters):
    """Classifier with three sections whose fit takes a few seconds."""
    scheme = SchemeC(initial_epochs=6, epochs=2, iterations=1, pruning_ratio=0.5)
    defaults = {
        "scheme": scheme,
        "sections": three(),
        "hidden_layer_sizes": (),
        "n_connections": 150,
    }
    defaults |= {"learning_rate_init": 0.02, "batch_size": 50}
    return short().set_params(**defaults | parameters)
