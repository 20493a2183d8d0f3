"""Convolutions and pooling one after the other: what is between images and neurons."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from sklearn.utils import gen_batches

from scann_sklearn.network._conv_kernels import undo_relu
from scann_sklearn.network._convolution import MapShape, SparseConv2d
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d

_NUMBERS_AT_ONCE = 2**22  # of the largest maps


@dataclass(frozen=True, eq=False)
class MapFront:
    """Layers of maps. Weights and biases of all of them follow each other in flat vectors.

    Every convolution is rectified: by the maximum that follows it, or else by itself.

    Parameters
    ----------
    stages : tuple of SparseConv2d, MaxPool2d and AvgPool2d
        What comes after what.

    Raises
    ------
    ValueError
        If a stage takes other maps than the one before it makes, or there is none.
    """

    stages: tuple[SparseConv2d | MaxPool2d | AvgPool2d, ...]

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError("There are no stages.")
        for number, (before, after) in enumerate(pairwise(self.stages), 1):
            if before.target != after.source:
                raise ValueError(
                    f"Stage {number} ({type(after).__name__}) takes maps of {tuple(after.source)}, "
                    f"but {type(before).__name__} before it makes {tuple(before.target)}."
                )

    @property
    def source(self) -> MapShape:
        """What comes in."""
        return self.stages[0].source

    @property
    def target(self) -> MapShape:
        """What comes out."""
        return self.stages[-1].target

    @property
    def layers(self) -> tuple[SparseConv2d, ...]:
        """The stages that have connections."""
        return tuple(stage for stage in self.stages if isinstance(stage, SparseConv2d))

    @property
    def n_connections(self) -> int:
        """Number of weights."""
        return sum(layer.n_connections for layer in self.layers)

    @property
    def n_maps(self) -> int:
        """Number of biases: maps of all convolutions."""
        return sum(layer.n_maps for layer in self.layers)

    @property
    def kinds(self) -> tuple[tuple[str, int, int, int], ...]:
        """What the stages are, whatever connections and maps they have.

        Of each its name and kernel or window, step and padding.
        """
        found = []
        for stage in self.stages:
            if isinstance(stage, SparseConv2d):
                sizes = (stage.kernel_size, stage.stride, stage.padding)
            else:
                sizes = (stage.window, stage.window, 0)
            found.append((type(stage).__name__, *sizes))
        return tuple(found)

    def split(self, weight, bias) -> list[tuple[np.ndarray, np.ndarray]]:
        """Weights and biases of each layer, as views of the flat vectors."""
        parts, w, b = [], 0, 0
        for layer in self.layers:
            end, last = w + layer.n_connections, b + layer.n_maps
            parts.append((weight[w:end], bias[b:last]))
            w, b = end, last
        return parts

    def maps(self, X, weight, bias) -> np.ndarray:
        """Maps of the last stage for samples in rows, a block of samples at a time.

        Parameters
        ----------
        X : ndarray of shape (n_samples, source.size)
            Images, row by row, of the dtype of the weights.
        weight : ndarray of shape (n_connections,)
            As for `forward`.
        bias : ndarray of shape (n_maps,)
            As for `forward`.

        Returns
        -------
        maps : ndarray of shape (n_samples, target.size)
            What neurons read.
        """
        largest = max(self.source.size, *(stage.target.size for stage in self.stages))
        maps = np.empty((len(X), self.target.size), weight.dtype)
        for some in gen_batches(len(X), max(1, _NUMBERS_AT_ONCE // largest)):
            # always a copy: to the compiled code read-only arrays are another type
            images = np.array(X[some].T, order="C").ravel()
            values, _ = self.forward(images, weight, bias, len(X[some]))
            maps[some] = values.reshape(-1, len(X[some])).T
        return maps

    def forward(self, source, weight, bias, n_samples) -> tuple[np.ndarray, list]:
        """Maps of the last stage.

        Parameters
        ----------
        source : ndarray of shape (source.size * n_samples,)
            Images, samples last.
        weight : ndarray of shape (n_connections,)
            Strength of each connection.
        bias : ndarray of shape (n_maps,)
            Bias of each map.
        n_samples : int
            Number of samples.

        Returns
        -------
        target : ndarray of shape (target.size * n_samples,)
            Maps, samples last: row by row what neurons read.
        memory : list
            For `backward`.
        """
        values, memory, parameters = source, [], iter(self.split(weight, bias))
        for stage, after in zip(self.stages, (*self.stages[1:], None)):
            before, chosen = values, None
            if isinstance(stage, SparseConv2d):
                rectified = not isinstance(after, MaxPool2d)
                values = stage.forward(before, *next(parameters), n_samples, rectified=rectified)
            elif isinstance(stage, MaxPool2d):
                values, chosen = stage.forward(before, n_samples)
            else:
                values = stage.forward(before, n_samples)
            memory.append((before, values, chosen))
        return values, memory

    def backward(self, memory, weight, delta, n_samples) -> tuple[np.ndarray, np.ndarray, list]:
        """Gradients of weights and biases.

        Parameters
        ----------
        memory : list
            What `forward` has returned.
        weight : ndarray of shape (n_connections,)
            As for `forward`.
        delta : ndarray of shape (target.size * n_samples,)
            Gradient of the maps of the last stage.
        n_samples : int
            As for `forward`.

        Returns
        -------
        weight_grad : ndarray of shape (n_connections,)
            Gradient of each weight.
        bias_grad : ndarray of shape (n_maps,)
            Gradient of each bias.
        deltas : list of ndarray
            Gradient of the targets of each convolution, before its ReLU: what growth looks at.
        """
        own = self.split(weight, np.empty(self.n_maps, weight.dtype))
        grads, deltas = [], []
        afters = (*self.stages[1:], None)
        for number in range(len(self.stages) - 1, -1, -1):
            stage, (before, values, chosen) = self.stages[number], memory[number]
            if isinstance(stage, SparseConv2d):
                if not isinstance(afters[number], MaxPool2d):
                    undo_relu(values, delta)
                deltas.append(delta)
                goes_on = any(isinstance(s, SparseConv2d) for s in self.stages[:number])
                *grad, delta = stage.backward(
                    before, own.pop()[0], delta, n_samples, goes_on=goes_on
                )
                grads.append(grad)
                if not goes_on:
                    break
            elif isinstance(stage, MaxPool2d):
                delta = stage.backward(delta, chosen, n_samples)
            else:
                delta = stage.backward(delta, n_samples)
        weights, biases = zip(*reversed(grads)) if grads else ((), ())
        empty = np.empty(0, weight.dtype)
        return np.concatenate([*weights, empty]), np.concatenate([*biases, empty]), deltas[::-1]
