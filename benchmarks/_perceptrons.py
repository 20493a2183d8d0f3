"""Multilayer perceptrons, trained as well as one can: the baseline of everything else."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from benchmarks._merit import SCALERS
from scann_sklearn.network import Topology
from scann_sklearn.synthesis import Scheme, Train

EPOCHS, PATIENCE = 150, 12
# The other way to train: weights of the L2 penalty, and epochs at each learning rate. Three steps
# down end lower than a constant rate.
PENALTIES = (1e-2, 1e-1)
PHASES = ((0.02, 40), (0.005, 25), (0.001, 15))


def fit_perceptron(layers, parts, scaling, seed, *, learning_rate=2e-3, epochs=EPOCHS):
    """Fit a perceptron; the epoch of the best validation accuracy counts, as in a synthesis.

    Parameters
    ----------
    layers : tuple of int
        Hidden layers.
    parts : Parts
        The data.
    scaling : {"standard", "robust", "range"}
        Scaling of the inputs.
    seed : int
        Weights and order of the samples.
    learning_rate : float, default=2e-3
        Initial learning rate of Adam.
    epochs : int, default=150
        Most epochs.

    Returns
    -------
    model : Pipeline
        Scaler and `MLPClassifier`.
    validation : float
        Accuracy on the validation data.
    """
    scaler = SCALERS[scaling]()
    X = scaler.fit_transform(parts.X_train)
    X_val = scaler.transform(parts.X_val)
    mlp = MLPClassifier(
        layers, random_state=seed, learning_rate_init=learning_rate, batch_size=min(128, len(X))
    )
    classes = np.unique(parts.y_train)
    best, waited, kept = -1.0, 0, None
    with threadpool_limits(1):
        for _ in range(epochs):
            mlp.partial_fit(X, parts.y_train, classes=classes)
            score = float(mlp.score(X_val, parts.y_val))
            waited += 1
            if score > best:
                best, waited = score, 0
                kept = [a.copy() for a in mlp.coefs_], [a.copy() for a in mlp.intercepts_]
            if waited == PATIENCE:
                break
    mlp.coefs_, mlp.intercepts_ = kept
    return Pipeline([("scale", scaler), ("mlp", mlp)]), best


def fit_at_falling_rates(parts, layers, seed, alpha, phases=PHASES):
    """Fit a perceptron to the end of its last phase.

    Parameters
    ----------
    parts : Parts
        The data, scaled.
    layers : tuple of int
        Hidden layers.
    seed : int
        Weights and order of the samples.
    alpha : float
        Weight of the L2 penalty.
    phases : sequence of (float, int)
        Learning rates of Adam and their epochs.

    Returns
    -------
    mlp : MLPClassifier
        Fitted.
    """
    mlp = MLPClassifier(
        layers,
        alpha=alpha,
        batch_size=min(128, len(parts.y_train)),
        n_iter_no_change=10**6,
        warm_start=True,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it ends where the phases end
        for rate, epochs in phases:
            mlp.set_params(learning_rate_init=rate, max_iter=epochs)
            mlp.fit(parts.X_train, parts.y_train)
    return mlp


def best_scaling(parts, seed):
    """Scaling with which a perceptron of 100 neurons is most accurate on the validation data."""
    scores = {name: fit_perceptron((100,), parts, name, seed)[1] for name in SCALERS}
    return max(scores, key=scores.__getitem__)


class Perceptron(Scheme):
    """A dense network that is trained once.

    Parameters
    ----------
    epochs : int, default=100
        One phase of training, with the learning rate falling along half a cosine.
    layers : bool, default=True
        Whether connections are between adjacent layers only.
    """

    def __init__(self, *, epochs=100, layers=True):
        self.epochs = epochs
        self.layers = layers

    def largest(self, n_inputs, n_outputs, hidden_layer_sizes):
        """Every connection."""
        shape = {"layer_sizes": tuple(hidden_layer_sizes)}
        if not self.layers:
            shape = {"n_hidden": sum(hidden_layer_sizes)}
        return Topology.dense(n_inputs, n_outputs, **shape)

    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng):
        """Every connection."""
        return self.largest(n_inputs, n_outputs, hidden_layer_sizes)

    def next_round(self, view, goal):
        """One phase of training."""
        return [Train(self.epochs)] if view.number == 0 else None


class _Teacher(ClassifierMixin, BaseEstimator):
    """A classifier of what was fitted before."""

    def fit(self, X, y):
        """Do nothing: nothing is left to be fitted."""
        return self

    def __sklearn_is_fitted__(self):
        return True


class Ensemble(_Teacher):
    """Mean of the probabilities of fitted classifiers: a teacher."""

    def __init__(self, members):
        self.members = members

    @property
    def classes_(self):
        """Labels of the classes."""
        return self.members[0].classes_

    def predict_proba(self, X):
        """Average the members' probabilities."""
        return np.mean([member.predict_proba(X) for member in self.members], axis=0)


class Remembered(_Teacher):
    """What a teacher said of the training samples, for students that see them transformed.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Class labels.
    probabilities : ndarray of shape (n_samples, n_classes)
        Of the training samples.
    """

    def __init__(self, classes, probabilities):
        self.classes, self.probabilities = classes, probabilities

    @property
    def classes_(self):
        """Labels of the classes."""
        return self.classes

    def predict_proba(self, X):
        """Recall the probabilities of the training samples, in their order."""
        if len(X) != len(self.probabilities):
            raise ValueError(f"Known are {len(self.probabilities)} samples, asked for {len(X)}.")
        return self.probabilities
