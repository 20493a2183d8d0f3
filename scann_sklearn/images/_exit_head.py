"""What stands between a section of a network of images and its early exit, in torch."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

_EXPANSION = 4  # of a bottleneck, as in residual networks


class SpatialAttention(nn.Module):
    """Maps times what a small network says about each of their values.

    A convolution of 3 x 3 with stride 2, normalised and rectified, a transposed one of 4 x 4 with
    stride 2, normalised, and the logistic function.

    Parameters
    ----------
    n_maps : int
        Number of maps, which stays the same.
    """

    def __init__(self, n_maps: int) -> None:
        super().__init__()
        self.mask = nn.Sequential(
            nn.Conv2d(n_maps, n_maps, 3, stride=2, padding=1, bias=False),
            _MapNorm(n_maps),
            nn.ReLU(),
            nn.ConvTranspose2d(n_maps, n_maps, 4, stride=2, padding=1, bias=False),
            _MapNorm(n_maps),
            nn.Sigmoid(),
        )

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Multiply maps by their mask.

        Parameters
        ----------
        maps : torch.Tensor of shape (n_samples, n_maps, height, width)
            The maps.

        Returns
        -------
        maps : torch.Tensor of the same shape
            Each value times a number between 0 and 1.
        """
        height, width = maps.shape[2:]
        return maps * self.mask(maps)[:, :, :height, :width]  # odd sizes come out larger by one


class _MapNorm(nn.BatchNorm2d):
    """Batch normalisation that takes a batch of one value a map, by what it has seen before."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if self.training and len(input) * input.shape[2] * input.shape[3] == 1:
            at_rest = (self.running_mean, self.running_var, self.weight, self.bias)
            return nn.functional.batch_norm(input, *at_rest, training=False, eps=self.eps)
        return super().forward(input)


def exit_head(
    input_shape: Sequence[int], n_features: int, *, attention: bool = True, random_state: Any = None
) -> nn.Sequential:
    """Make the shallow part of an early exit: attention and a bottleneck, as in SCAN.

    Parameters
    ----------
    input_shape : tuple of (int, int, int) or of int
        Shape of what a section makes of one sample: maps, height and width; or a vector.
    n_features : int
        Number of features that the exit gets. With self-distillation of features, that of the
        deepest exit.
    attention : bool, default=True
        Whether maps are multiplied by a mask that a small network makes of them. A vector has
        none.
    random_state : int, numpy.random.Generator or None, default=None
        Determines the weights (He initialisation). Pass an int for reproducible results.

    Returns
    -------
    head : torch.nn.Sequential
        Module that maps a tensor of shape (n_samples, ...) to one of shape
        (n_samples, n_features). Of maps: attention, then a bottleneck of three convolutions
        (1 x 1 to a quarter of the features; 3 x 3 with stride 2; 1 x 1), each normalised and
        rectified, and the mean over all positions. Of a vector: a linear layer, rectified.

    Raises
    ------
    ValueError
        If `input_shape` holds neither one nor three numbers above zero, or `n_features` is below 1.

    References
    ----------
    L. Zhang, Z. Tan, J. Song, J. Chen, C. Bao, K. Ma, "SCAN: A Scalable Neural Networks Framework
    Towards Compact and Efficient Models", :arxiv:`1906.03951`. The paper names the layers of the
    attention; the bottleneck's are not stated and are those of residual networks here.

    Examples
    --------
    >>> import torch
    >>> from scann_sklearn.images import exit_head
    >>> head = exit_head((8, 4, 4), n_features=32)
    >>> head(torch.zeros(5, 8, 4, 4)).shape
    torch.Size([5, 32])
    """
    shape = tuple(input_shape)
    if len(shape) not in (1, 3) or min(shape) < 1:
        raise ValueError(
            f"input_shape must be (maps, height, width), or (length,) of a vector, got {shape}."
        )
    if n_features < 1:
        raise ValueError(f"n_features must be at least 1, got {n_features}.")
    with torch.device("meta"):  # else torch would draw weights from its global stream
        head = nn.Sequential(*_layers(shape, n_features, attention))
    head.to_empty(device="cpu")
    rng = np.random.default_rng(random_state)
    for layer in head.modules():
        if isinstance(layer, _MapNorm):
            layer.reset_parameters()
        elif isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            _draw(layer, rng)
    return head


def _draw(layer, rng) -> None:
    """Draw the weights of a layer; its biases are zero."""
    weight = layer.weight
    fan_in = weight[0].numel()
    if isinstance(layer, nn.ConvTranspose2d):  # inputs come first; a value is the sum of some
        fan_in = weight.shape[0] * weight[0, 0].numel() // math.prod(layer.stride)
    drawn = rng.standard_normal(tuple(weight.shape)) * math.sqrt(2 / fan_in)
    with torch.no_grad():
        weight.copy_(torch.from_numpy(drawn))
        if layer.bias is not None:
            layer.bias.zero_()


def _layers(shape, n_features, attention) -> list[nn.Module]:
    """Layers of a head."""
    if len(shape) == 1:
        return [nn.Linear(shape[0], n_features), nn.ReLU()]
    n_maps, middle = shape[0], max(n_features // _EXPANSION, 1)
    layers: list[nn.Module] = [SpatialAttention(n_maps)] if attention else []
    convolutions = [
        nn.Conv2d(n_maps, middle, 1, bias=False),
        nn.Conv2d(middle, middle, 3, stride=2, padding=1, bias=False),
        nn.Conv2d(middle, n_features, 1, bias=False),
    ]
    for layer in convolutions:
        layers += [layer, _MapNorm(layer.out_channels), nn.ReLU()]
    return [*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()]
