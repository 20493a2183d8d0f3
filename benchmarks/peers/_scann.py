"""One fit of SCANNClassifier with its defaults; the search over settings has records of its own."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from benchmarks.peers._points import affordable, point
from scann_sklearn import SCANNClassifier


def frontier(parts, scaling, seed, quick=False):
    """Every network of `path_`: what `fit` gives without a search, in about 400 to 700 epochs."""
    return path_points(fitted(parts, scaling, seed, quick), parts)


def fitted(parts, scaling, seed, quick=False):
    """Classifier with its defaults, fitted to the training and validation part."""
    classifier = SCANNClassifier(input_scaling=scaling, random_state=seed)
    if quick:
        classifier.set_params(scheme__initial_epochs=4, scheme__epochs=1, scheme__growth_epochs=1)
    return classifier.fit(parts.X_train, parts.y_train, X_val=parts.X_val, y_val=parts.y_val)


def path_points(classifier, parts):
    """Points of the networks of a fitted classifier's path that a budget can pay for."""
    networks = [classifier.select(n_connections=p.n_connections) for p in classifier.path_]
    return affordable([point("default", network, parts) for network in networks])
