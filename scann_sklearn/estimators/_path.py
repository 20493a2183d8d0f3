"""Networks as fitted attributes, and the frontier of them that a fit returns."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse

from scann_sklearn.estimators._checked import freeze
from scann_sklearn.estimators._extractor import TrainedExtractor
from scann_sklearn.estimators._thresholds import ExitPoint
from scann_sklearn.metrics import EnergyModel
from scann_sklearn.network import Network
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._trained_front import TrainedFront
from scann_sklearn.synthesis._checks import check_topology


@dataclass(frozen=True)
class PathPoint:
    """A network on the accuracy-size frontier.

    Parameters
    ----------
    n_connections : int
        Number of connections.
    validation_score : float
        Score on the validation data.
    energy : float
        Energy of one inference in joules, by the default `EnergyModel`, without a reduction.
    n_hidden : int
        Number of hidden neurons.
    depth : int
        Number of connections on the longest path from an input to an output.
    weights : scipy.sparse.csr_array of shape (n_hidden + n_outputs, n_features + n_hidden)
        Weight of each connection, targets x sources, for raw X.
    biases : ndarray of shape (n_hidden + n_outputs,)
        Bias of each hidden neuron, then of each output.
    front_end : TrainedFront, default=None
        Layers of maps ahead of the neurons, which then replace the features.
    feature_extractor : TrainedExtractor, default=None
        The torch module ahead of the neurons (its attribute `module`), whose output they read. All
        points share it, unless it was trained with them.
    exits : tuple of int, default=None
        Number of hidden neurons that each exit may read. This and the following parameters are
        those of an `EarlyExitClassifier`.
    exit_accuracies : tuple of float, default=()
        Accuracy of each exit on the validation data if all samples left there; the last number is
        that of all exits together.
    exit_point : ExitPoint, default=None
        The thresholds in use.
    thresholds_path : tuple of ExitPoint, default=()
        All thresholds that no others dominate in accuracy and expected energy.
    """

    n_connections: int
    validation_score: float
    energy: float
    n_hidden: int
    depth: int
    weights: scipy.sparse.csr_array
    biases: np.ndarray
    front_end: TrainedFront | None = None
    feature_extractor: TrainedExtractor | None = None
    exits: tuple[int, ...] | None = None
    exit_accuracies: tuple[float, ...] = ()
    exit_point: ExitPoint | None = None
    thresholds_path: tuple[ExitPoint, ...] = ()

    @property
    def ahead(self) -> TrainedFront | TrainedExtractor | None:
        """What is ahead of the neurons, if there is anything."""
        return self.front_end or self.feature_extractor

    def __repr__(self) -> str:
        return (
            f"PathPoint(n_connections={self.n_connections}, "
            f"validation_score={self.validation_score:.4f}, energy={self.energy:.3g}, "
            f"n_hidden={self.n_hidden}, depth={self.depth})"
        )


def path_point(model, score, extractor=None) -> PathPoint:
    """PathPoint of a model of raw X, or of what an extractor makes of it.

    The arrays of the model must be nobody else's.
    """
    weights = model.weights
    freeze(weights, model.biases)
    return PathPoint(
        model.n_connections,
        score,
        EnergyModel().energy(model),
        model.n_hidden,
        model.depth,
        weights,
        model.biases,
        model.front,
        extractor,
    )


def previous_network(model, scheme, shape, front) -> Network:
    """Network of an earlier fit, as a start for a scheme.

    Parameters
    ----------
    model : Model
        What was fitted.
    scheme : Scheme
        The scheme that will continue.
    shape : tuple
        Numbers of inputs and outputs, and the hidden layers.
    front : MapFront or None
        The layers of maps that a new fit would start with.

    Returns
    -------
    network : Network
        Network of raw X.
    """
    network = model.network
    there = network.front if isinstance(network, MapNetwork) else None
    if (front and front.kinds) != (there and there.kinds):
        raise ValueError(
            "warm_start continues with the layers of maps that were fitted, "
            f"{there and there.kinds}, but front_end asks for {front and front.kinds}."
        )
    largest = check_topology(scheme, "largest", scheme.largest(*shape), *shape[:2])
    if largest.layer_sizes is None:
        return network
    try:
        return replace(network, topology=network.topology.as_layers())
    except ValueError as error:
        raise ValueError(
            f"warm_start can't continue with {type(scheme).__name__}, which has layers: the fitted "
            f"network has connections that skip some. {error}"
        ) from error


def choose(path, *, n_connections=None, max_loss=None, min_score=None) -> PathPoint:
    """Point of a path by one of three criteria, see `SCANNClassifier.select`.

    Parameters
    ----------
    path : list of PathPoint
        Ascending in connections and in score.
    n_connections : int, default=None
        Most connections.
    max_loss : float, default=None
        Most that the score may be below the best.
    min_score : float, default=None
        Score to reach.

    Returns
    -------
    point : PathPoint
        The choice.
    """
    if n_connections is not None:
        fitting = [point for point in path if point.n_connections <= n_connections]
        if not fitting:
            raise ValueError(
                f"n_connections={n_connections} is below the smallest network of the path, which "
                f"has {path[0].n_connections}."
            )
        return fitting[-1]
    best = path[-1].validation_score
    floor = best - max_loss if min_score is None else min_score
    for point in path:
        if point.validation_score >= floor:
            return point
    raise ValueError(f"min_score={min_score} is above the best of the path, {best:.4g}.")
