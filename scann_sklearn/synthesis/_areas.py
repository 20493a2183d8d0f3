"""Partial-area convolution: maps that are computed where they matter."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scann_sklearn.network._convolution import SparseConv2d
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._network import Network
from scann_sklearn.synthesis._ranges import check_share
from scann_sklearn.training._objective import Objective


def restrict_areas(
    network,
    X,
    y,
    share,
    *,
    sample_weight=None,
    label_smoothing=0.0,
    loss="log_loss",
    huber_delta=1.35,
) -> Network:
    """Restrict the maps of convolutions to their most important positions.

    In each convolution the positions with the largest mean of abs(value · gradient) are kept, and
    at least one of each map. At the others a map is zero and isn't computed, which saves
    multiplications, not weights. Positions that were left out before stay out.

    Parameters
    ----------
    network : Network
        A network with convolutions.
    X : ndarray of shape (n_samples, n_inputs)
        A large batch of images, row by row, scaled as for training.
    y : ndarray of int of shape (n_samples,) or of float of shape (n_samples, n_outputs)
        Class of each sample, counted from 0, or its distribution over the classes; with losses
        other than "log_loss" the target of each output, scaled as for training.
    share : float
        Share of the positions of each convolution to keep, above 0 and at most 1. With 1, nothing
        changes.
    sample_weight : ndarray of shape (n_samples,), default=None
        Weights of the samples.
    label_smoothing : float, default=0.0
        Weight of the uniform distribution over the classes in the targets of the loss.
    loss : str, default="log_loss"
        "log_loss" for classes, "binary_log_loss" for several labels, "squared_error",
        "absolute_error" or "huber" for values.
    huber_delta : float, default=1.35
        Error at which the loss "huber" changes from squared to absolute.

    Returns
    -------
    network : Network
        The same connections and weights, restricted to areas. It should be trained again.

    Raises
    ------
    ValueError
        If `share` is out of its range, or `network` has no convolutions.

    See Also
    --------
    set_areas : Restrict maps to given areas.
    RestrictAreas : The same as a step of a scheme.

    Notes
    -----
    The paper doesn't say how areas are chosen: one area per map, and this criterion, are our
    choices. On images of digits, networks with two convolutions kept more of their accuracy with
    it than with the mean of abs(value), with random positions, or with the same share of every
    map. With one convolution and pooling, the differences were within those between random splits.

    The compiled kernels, in training and in `predict`, compute each row of a map from the first
    position of its area to the last; exported C code computes single positions. torch, ONNX and
    `SparseModel` compute all positions and set those outside of the area to zero.

    References
    ----------
    Dai, Yin, Jha. NeST: A Neural Network Synthesis Tool Based on a Grow-and-Prune Paradigm,
    arXiv:1711.02017.
    """
    _check_maps(network, "restrict_areas")
    objective = Objective.of_arrays(
        network, X, y, sample_weight, label_smoothing, loss, huber_delta
    )
    return restrict_for(network, objective, share)


def restrict_for(network, objective, share) -> Network:
    """Restrict areas by an objective, see `restrict_areas`."""
    check_share("share", share)
    _check_maps(network, "restrict_areas")
    if share == 1:
        return network
    scores = _importance(network, objective)
    layers = network.front.layers
    return set_areas(
        network, [_best(score, layer, share) for score, layer in zip(scores, layers, strict=True)]
    )


def set_areas(network, areas) -> Network:
    """Set the positions at which the maps of convolutions are computed.

    At all other positions a map is zero.

    Parameters
    ----------
    network : Network
        A network with convolutions.
    areas : list of ndarray of bool of shape (n_maps, height, width), or None
        For each convolution, the positions at which each of its maps is computed, at least one
        per map. If None, maps are computed at all positions.

    Returns
    -------
    network : Network
        The same connections and weights, within these areas.

    Raises
    ------
    ValueError
        If `network` has no convolutions, if the number of areas is not that of the convolutions,
        or if an area has another shape than the maps of its convolution or leaves a map without
        a position.

    See Also
    --------
    restrict_areas : Choose areas from data.
    """
    _check_maps(network, "set_areas")
    layers = network.front.layers
    if len(areas) != len(layers):
        raise ValueError(f"areas must hold {len(layers)}, one per convolution, got {len(areas)}.")
    chosen = iter(enumerate(areas))
    stages = []
    for stage in network.front.stages:
        if isinstance(stage, SparseConv2d):
            number, area = next(chosen)
            try:
                stage = replace(stage, area=area)
            except ValueError as error:
                raise ValueError(f"areas[{number}]: {error}") from error
            if area is not None and np.all(area):
                stage = replace(stage, area=None)
        stages.append(stage)
    return replace(network, front=replace(network.front, stages=tuple(stages)))


def _check_maps(network, name) -> None:
    if not isinstance(network, MapNetwork) or not network.front.layers:
        raise ValueError(
            f"{name} needs a network with convolutions (a front_end), got a "
            f"{type(network).__name__} without."
        )


def _importance(network, objective) -> list[np.ndarray]:
    """Mean of abs(value · gradient) at each position of the maps of each convolution."""
    front, scores = network.front, []
    parts = front.split(network.weight, network.bias)
    signals = objective.gradients(network)[:-1]
    for layer, part, signal in zip(front.layers, parts, signals, strict=True):
        values = layer.forward(signal.activation, *part, signal.n_samples)
        moved = np.abs(values * signal.delta).reshape(*layer.target, -1)
        scores.append(moved.sum(axis=-1))  # the gradients are those of a mean
    return scores


def _best(score, layer, share) -> np.ndarray:
    """The most important positions of a convolution, and of each of its maps."""
    if layer.area is not None:
        score = np.where(layer.area, score, -1)
    n_maps = layer.n_maps
    flat = score.reshape(n_maps, -1).astype(np.float64)
    first = flat.argmax(axis=1)
    flat[np.arange(n_maps), first] = np.inf
    n_kept = min(max(round(share * flat.size), n_maps), int((flat >= 0).sum()))
    kept = np.zeros(flat.size, dtype=bool)
    kept[np.argsort(-flat.ravel(), kind="stable")[:n_kept]] = True
    return kept.reshape(score.shape)


@dataclass(frozen=True)
class RestrictAreas:
    """Partial-area convolution: compute maps only at their most important positions.

    Parameters
    ----------
    share : float
        Share of the positions of each convolution to keep, see `restrict_areas`.
    epochs : int
        Number of epochs of training afterwards.

    Raises
    ------
    ValueError
        If `share` is out of its range.
    """

    share: float
    epochs: int
    name = "restrict areas"

    def __post_init__(self) -> None:
        check_share("share", self.share)

    def apply(self, network, batch) -> Network:
        """Restrict the areas of convolutions.

        Parameters
        ----------
        network : Network
            The network to restrict.
        batch : GrowthBatch
            Samples for the importance of positions.

        Returns
        -------
        network : Network
            The restricted network.
        """
        return restrict_for(network, batch, self.share)
