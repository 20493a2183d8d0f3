"""What all searches choose from: one pipeline, one space, one way to look at a candidate."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time

import numpy as np
from sklearn.pipeline import Pipeline

from scann_sklearn import DimReducer, SCANNClassifier, SchemeC
from scann_sklearn.metrics import n_connections

FULL = {"initial_epochs": 30, "epochs": 15, "growth_epochs": 8, "iterations": 2}
QUICK = {"initial_epochs": 2, "epochs": 1, "growth_epochs": 1, "iterations": 1}
QUICK["path_iterations"] = 1
_RATES = [0.003, 0.005, 0.01, 0.02, 0.03, 0.05]
_DECAYS = [1e-5, 1e-4, 1e-3, 1e-2]
_LAYERS = [(20,), (50,), (100,), (200,), (30, 15), (60, 30), (100, 50), (60, 30, 15)]


def pipeline(seed, quick=False):
    """Estimator whose parameters are searched."""
    scheme = SchemeC(**QUICK if quick else FULL)
    scann = SCANNClassifier(scheme, validation_fraction=0.15, random_state=seed)
    return Pipeline([("reduce", DimReducer(random_state=seed)), ("scann", scann)])


def space(parts):
    """Two dictionaries: all features, or a reduction and its ratio.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data.

    Returns
    -------
    space : list of dict
        Lists of values, numbers in order.
    """
    n_features, n_classes = parts.X_train.shape[1], len(np.unique(parts.y_train))
    least = 4 * n_classes + 20
    sizes = np.unique(np.geomspace(least, 100 * least, 30).astype(int)).tolist()
    shared = {
        "scann__hidden_layer_sizes": _LAYERS,
        "scann__n_connections": sizes,
        "scann__learning_rate_init": _RATES,
        "scann__weight_decay": _DECAYS,
    }
    ratios = [ratio for ratio in (1.5, 2, 3, 4, 6, 8) if n_features / ratio >= 2]
    return [
        {"reduce__method": ["passthrough"], **shared},
        {"reduce__method": ["pca", "factor_analysis", "sparse_rp"], "reduce__ratio": ratios}
        | shared,
    ]


class Recorder:
    """Scorer that notes each fit: processor time so far, connections, both accuracies.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        The data; the test data are for what is reported.
    """

    def __init__(self, parts):
        self.parts, self.points = parts, []
        self._begun = time.process_time()

    def __call__(self, estimator, X, y):
        """Accuracy on validation data."""
        accuracy = float(np.mean(estimator.predict(X) == y))
        test = float(np.mean(estimator.predict(self.parts.X_test) == self.parts.y_test))
        seconds = time.process_time() - self._begun
        point = [round(seconds, 3), int(n_connections(estimator)), round(accuracy, 5)]
        self.points.append([*point, round(test, 5)])
        return accuracy

    def __repr__(self):
        return "Recorder"


def whole(parts):
    """Training and validation data, and the one split into these."""
    rows = np.arange(len(parts.X_official))
    n = len(parts.X_train)
    return parts.X_official, parts.y_official, [(rows[:n], rows[n:])]


def reference(parts):
    """What hypervolumes end at: the largest size of the space, and the most frequent class."""
    dearest = max(space(parts)[0]["scann__n_connections"]) + parts.X_train.shape[1] ** 2
    share = float(np.bincount(np.unique(parts.y_train, return_inverse=True)[1]).max())
    return int(dearest), round(share / len(parts.y_train), 5)
