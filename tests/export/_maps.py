"""Networks of maps of random shape, and estimators that have them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
from sklearn.base import BaseEstimator

from scann_sklearn.heads._of_kind import head_of_kind
from scann_sklearn.model._model import HoldsModel, Model
from scann_sklearn.network import Topology
from scann_sklearn.network._convolution import MapShape, SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._pooling import AvgPool2d, MaxPool2d
from scann_sklearn.synthesis import prune_connections
from tests.network._maps import with_area

# A stage is maps, kernel, stride and padding of a convolution, perhaps the share of its positions
# that are computed, or a pooling and its window.
FRONTS = {
    "plain": [(3, 3, 1, 0)],
    "padded": [(3, 3, 1, 1), ("max", 2)],
    "strides": [(4, 3, 2, 1), (3, 3, 1, 1)],
    "two": [(4, 3, 1, 0), ("max", 2), (5, 3, 1, 1), ("max", 2)],
    "means": [(4, 2, 1, 0), ("mean", 3), (3, 2, 1, 1)],
    "pooled twice": [(3, 3, 1, 0), ("max", 2), ("mean", 2)],
    "a mean first": [("mean", 2), (4, 3, 1, 1), ("mean", 2)],
    "a maximum first": [("max", 2), (4, 3, 2, 0)],
    "one mean": [("mean", 3)],
    "one maximum": [("max", 2)],
    "areas": [(4, 3, 1, 0, 0.5), ("max", 2), (5, 3, 1, 1, 0.5)],
    "areas of means": [(4, 2, 1, 0, 0.3), ("mean", 3), (3, 2, 1, 1, 0.6)],
    "areas and strides": [(4, 3, 2, 1, 0.5), (3, 3, 1, 1, 0.5), ("max", 3)],
    "large": [(3, 5, 2, 2), (4, 1, 1, 0), ("max", 3)],
}


class Fitted(HoldsModel, BaseEstimator):
    """An estimator that was born with its model."""

    def __init__(self, model):
        self.model = model
        self.model_ = model

    def fit(self, X=None, y=None):
        """Nothing is left to fit."""
        return self

    def _fitted_model(self):
        return self.model

    def decision_function(self, X):
        """Values of the outputs."""
        return self.model.outputs(X)

    def predict(self, X):
        """Class of each image."""
        return self.model.head.predict(self.model.outputs(X))

    def predict_proba(self, X):
        """Probabilities of the classes."""
        return self.model.head.probabilities(self.model.outputs(X))


def random_front(kinds, rng, image):
    """A front of these stages, half of whose connections exist."""
    stages, shape = [], MapShape(*image)
    for first, *others in kinds:
        if isinstance(first, str):
            stage = {"max": MaxPool2d, "mean": AvgPool2d}[first](shape, *others)
        else:
            size, stride, padding, *share = others
            stage = SparseConv2d.dense(shape, first, size, stride=stride, padding=padding)
            flags = rng.random(stage.n_connections) < 0.5
            every = np.ones(shape.n_maps, bool), np.ones(first, bool)
            stage = stage.restrict(flags, *every)
            stage = with_area(stage, *share, rng) if share else stage
        stages.append(stage)
        shape = stage.target
    return MapFront(tuple(stages))


def random_maps(kinds, seed=0, image=(2, 11, 9), n_classes=3, n_connections=None, kind="classes"):
    """An estimator with a network of maps, and images, of which some numbers are below zero."""
    n_outputs = 1 if n_classes == 2 and kind == "classes" else n_classes
    classes = np.arange(0 if kind == "values" else n_classes)
    head = head_of_kind(kind, classes, n_outputs)
    rng = np.random.default_rng(seed)
    front = random_front(kinds, rng, image)
    topology = Topology.dense(front.target.size, n_outputs, n_hidden=4)
    network = MapNetwork.initialize_maps(front, topology, rng)
    network = replace(network, bias=rng.normal(size=network.n_biases) / 3)
    network = prune_connections(network, n_connections or network.n_connections // 2)
    X = rng.normal(size=(60, front.source.size))
    bias = network.bias.copy()  # so that every class is the most probable of some image
    bias[-topology.n_outputs :] -= np.median(network.decision_function(X), axis=0)
    network = replace(network, bias=bias)
    return Fitted(Model(network, head)), X
