"""Fits of all kinds, made anew by name in any process, and what tells two results apart."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import hashlib
import json

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris, make_friedman1, make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from scann_sklearn.images import AffineDistortion, Conv2d, ConvFrontEnd, MaxPool2d
from scann_sklearn.network import Topology
from scann_sklearn.synthesis import PruneConnections, Scheme, Train
from tests.classifier._helpers import short
from tests.early_exit._helpers import short as short_exits
from tests.regressor._helpers import short_regressor


class Halving(Scheme):
    """A user's scheme: a perceptron that is trained and halved."""

    def __init__(self, epochs=3):
        self.epochs = epochs

    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng):
        """All connections."""
        return self.largest(n_inputs, n_outputs, hidden_layer_sizes)

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes):
        """All connections."""
        return Topology.dense(n_inputs, n_outputs, layer_sizes=hidden_layer_sizes)

    def next_round(self, view, goal):
        """Train, then halve until few are left."""
        if view.number == 0:
            return [Train(self.epochs)]
        half = view.past[-1].n_connections // 2
        if half < max(goal.n_connections or 0, view.network.minimum_connections):
            return None
        return [PruneConnections(half, "saliency", self.epochs)]


def _iris():
    return load_iris(return_X_y=True)


def _digits():
    X, y = load_digits(return_X_y=True)
    return X[:400], y[:400]


def _labels():
    return make_multilabel_classification(200, 8, n_classes=4, random_state=0)


def _values():
    return make_friedman1(200, random_state=0)


def _forest(kind):
    return kind(5, max_depth=4)


_LAYERS = [Conv2d(3, 3), MaxPool2d(2)]
_FOLDS = {"validation_fraction": "auto", "batch_size": 64}
# name -> (estimator of some parameters, its own, data); each fit takes a fraction of a second
FITS = {
    "A": (short, {"scheme": "A"}, _iris),
    "A torch": (short, {"scheme": "A", "engine": "torch"}, _iris),
    "A bound": (short, {"scheme": "A", "n_connections": 15}, _iris),
    "B": (short, {}, _iris),
    "B sgd": (short, {"solver": "sgd", "learning_rate_init": 0.1}, _iris),
    "B parts": (short, {"max_epoch_samples": 30, "batch_size": 16}, _iris),
    "C torch parts": (
        short,
        {"scheme": "C", "engine": "torch", "max_epoch_samples": 100, "batch_size": 16},
        _digits,
    ),
    "B torch bound": (short, {"engine": "torch", "n_connections": 20}, _iris),
    "B stopping": (short, {"early_stopping": True, "n_iter_no_change": 2}, _iris),
    "B teacher": (short, {"teacher": _forest(RandomForestClassifier)}, _iris),
    "C bound": (short, {"scheme": "C", "n_connections": 150}, _digits),
    "C torch": (short, {"scheme": "C", "engine": "torch"}, _iris),
    "C folds": (short, {"scheme": "C", **_FOLDS}, _iris),
    "NeST": (short, {"scheme": "NeST"}, _iris),
    "NeST torch": (short, {"scheme": "NeST", "engine": "torch", "n_connections": 30}, _iris),
    "user": (short, {"scheme": Halving()}, _iris),
    "labels": (short, {"teacher": _forest(RandomForestClassifier)}, _labels),
    "maps": (
        short,
        {"scheme": "C", "front_end": ConvFrontEnd(_LAYERS, (1, 8, 8)), "n_connections": 200},
        _digits,
    ),
    "augmented": (
        short,
        {"scheme": "C", "front_end": ConvFrontEnd([], (1, 8, 8), AffineDistortion())}
        | {"n_connections": 200},
        _digits,
    ),
    "values": (short_regressor, {"validation_fraction": 0.2}, _values),
    "values teacher folds": (
        short_regressor,
        {"teacher": _forest(RandomForestRegressor), **_FOLDS},
        _values,
    ),
    "exits": (short_exits, {"n_connections": 60}, _iris),
    "exits teacher": (
        short_exits,
        {"scheme": "B", "teacher": _forest(RandomForestClassifier)},
        _digits,
    ),
    "exits NeST": (short_exits, {"scheme": "NeST", "n_connections": 60}, _iris),
    "exits folds": (short_exits, {"n_connections": "auto", **_FOLDS}, _iris),
}


def make(name, **more):
    """Estimator and data of a fit."""
    kind, parameters, data = FITS[name]
    parameters = dict(parameters)
    if "scheme" in parameters and not isinstance(parameters["scheme"], str):
        estimator = kind().set_params(**parameters)
    else:
        estimator = kind(**parameters)
    return clone(estimator).set_params(**more), *data()  # nobody changes what others fit


def fingerprint(estimator):
    """Digest of all that a fit has found: two that are equal are so bit by bit."""
    found = hashlib.sha256()

    def feed(*arrays):
        for array in arrays:
            found.update(f"{array.dtype} {array.shape} ".encode())
            found.update(np.ascontiguousarray(array).tobytes())

    points = [*estimator.path_, estimator]
    for p in points:
        weights = p.weights if hasattr(p, "weights") else p.weights_
        biases = p.biases if hasattr(p, "biases") else p.biases_
        feed(weights.data, weights.indices, weights.indptr, biases)
        front = p.front_end if hasattr(p, "weights") else p.front_end_
        if front is not None:
            feed(front.weight, front.bias, *(layer.indices for layer in front.layers.layers))
        extractor = getattr(p, "feature_extractor", None)
        if hasattr(extractor, "module"):
            feed(*(tensor.numpy() for tensor in extractor.module.state_dict().values()))
        if hasattr(p, "exit_point"):
            found.update(repr((p.exits, p.exit_accuracies, p.thresholds_path)).encode())
    scores = [(p.n_connections, p.validation_score) for p in estimator.path_]
    about = [scores, estimator.history_, estimator.score_unit_, estimator.validation_score_]
    found.update(json.dumps(about).encode())
    return found.hexdigest()
