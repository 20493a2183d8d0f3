"""The layers of maps as a torch module: dense convolutions whose missing weights are zero."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import conv2d

from scann_sklearn.network._convolution import SparseConv2d
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d


class FrontModule(nn.Module):
    """Layers of maps, of weights and biases that belong to the network.

    It is made of plain operations, so that there are derivatives of any order. All that is not
    linear is in submodules that are called once: there explainers put their hooks.

    Parameters
    ----------
    front : MapFront
        The layers of maps.
    device : str or torch.device, default="cpu"
        Where to compute.

    Attributes
    ----------
    steps : torch.nn.ModuleList
        ReLU and pooling, as the stages follow each other.
    """

    place: torch.Tensor | None

    def __init__(self, front, device="cpu") -> None:
        super().__init__()
        self.front = front
        ends = np.cumsum([0, *(layer.n_allowed for layer in front.layers)])
        places = [end + layer.own_places() for end, layer in zip(ends, front.layers)]
        place = torch.as_tensor(np.concatenate([*places, np.empty(0, np.int64)]), device=device)
        self.n_places = int(ends[-1])
        is_dense = len(place) == self.n_places
        self.register_buffer("place", None if is_dense else place, persistent=False)
        for number, layer in enumerate(front.layers):
            outside = None if layer.area is None else torch.as_tensor(~layer.area, device=device)
            self.register_buffer(f"outside{number}", outside, persistent=False)
        self.steps = nn.ModuleList(_after(stage) for stage, step in self._stages() if step)

    def _stages(self) -> Iterator[tuple[Any, bool]]:
        """The stages, and whether there is a step: the ReLU waits for a maximum that follows."""
        for stage, following in pairwise((*self.front.stages, None)):
            waits = isinstance(stage, SparseConv2d) and isinstance(following, MaxPool2d)
            yield stage, not waits

    def forward(self, X, weight, bias) -> torch.Tensor:
        """Compute what the neurons read.

        Parameters
        ----------
        X : torch.Tensor of shape (n_samples, front.source.size)
            Images, row by row.
        weight : torch.Tensor of shape (front.n_connections,)
            Strength of each connection.
        bias : torch.Tensor of shape (front.n_maps,)
            Bias of each map.

        Returns
        -------
        maps : torch.Tensor of shape (n_samples, front.target.size)
            Maps of the last stage, row by row.
        """
        if not self.front.target.size:  # torch takes no convolution without target maps
            return X.new_empty((len(X), 0))
        layers = self.front.layers
        kernels = iter(self._spread(weight).split([layer.n_allowed for layer in layers]))
        biases = iter(bias.split([layer.n_maps for layer in layers]))
        values = X.reshape(len(X), *self.front.source)
        steps = iter(self.steps)
        outside = (getattr(self, f"outside{number}") for number in range(len(layers)))
        for stage, has_step in self._stages():
            if isinstance(stage, SparseConv2d):
                kernel = next(kernels).view(stage.kernel_shape)
                options = {"stride": stage.stride, "padding": stage.padding}
                values = conv2d(values, kernel, next(biases), **options)
                not_computed = next(outside)
                if not_computed is not None:
                    values = values.masked_fill(not_computed, 0)
            values = next(steps)(values) if has_step else values
        return values.flatten(1)

    def _spread(self, weight) -> torch.Tensor:
        """The dense kernels of all convolutions, one after the other."""
        if self.place is None:
            return weight
        return weight.new_zeros(self.n_places).index_copy(0, self.place, weight)


def _after(stage) -> nn.Module:
    """What is done after a convolution, or by a stage without connections."""
    if isinstance(stage, MaxPool2d):
        return nn.Sequential(nn.MaxPool2d(stage.window), nn.ReLU())
    return nn.AvgPool2d(stage.window) if isinstance(stage, AvgPool2d) else nn.ReLU()
