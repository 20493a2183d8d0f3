"""What a fitted model is worth: accuracy and every measure of cost, by one meter for all."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from scann_sklearn import SCANNClassifier
from scann_sklearn.estimators._fitted import fitted_attributes
from scann_sklearn.heads._classes import class_head
from scann_sklearn.metrics import EnergyModel, flops, n_bytes, n_connections
from scann_sklearn.model._model import Model

SCALERS = {"standard": StandardScaler, "robust": RobustScaler, "range": MinMaxScaler}
TREES = (
    DecisionTreeClassifier,
    RandomForestClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
)


def accuracies(model, parts):
    """Accuracy on validation and on test data."""
    return {
        "validation": round(float(np.mean(model.predict(parts.X_val) == parts.y_val)), 5),
        "test": round(float(np.mean(model.predict(parts.X_test) == parts.y_test)), 5),
    }


def score(predict, parts):
    """What models of all families are chosen by.

    Parameters
    ----------
    predict : callable
        Classes of samples.
    parts : benchmarks._data.Parts
        The data; those for testing aren't looked at.

    Returns
    -------
    score : float
        Accuracy on the validation part, or on the training part where that is lower. Of many small
        networks, the best on validation data are lucky ones; the training data, which small
        networks hardly fit more than others, tell which.
    """
    pairs = ((parts.X_train, parts.y_train), (parts.X_val, parts.y_val))
    return min(float(np.mean(predict(X) == y)) for X, y in pairs)


def costs(model):
    """Connections, operations, joules and bytes of a fitted model or pipeline.

    Trees have no connections and multiply nothing: None stands for both.
    """
    last = model[-1] if hasattr(model, "steps") else model
    is_tree = isinstance(last, TREES)
    return {
        "connections": None if is_tree else int(n_connections(last)),
        "flops": None if is_tree else int(flops(model)),
        "energy": EnergyModel().energy(model),
        "energy_without_reduction": EnergyModel(include_reduction=False).energy(model),
        "bytes": int(n_bytes(model)),
    }


def as_classifier(network, classes):
    """A network of any origin as a fitted classifier, for `accuracies` and `costs`.

    Whatever its outputs don't depend on is dropped first: neurons that the inputs don't reach or
    that reach no output, with their connections.

    Parameters
    ----------
    network : scann_sklearn.network.Network
        One output for two classes, else one a class.
    classes : ndarray of shape (n_classes,)
        Class labels, ascending.

    Returns
    -------
    classifier : SCANNClassifier
        Takes what the network took: raw X where a scaling is folded in, else scaled X.
    """
    network = network.without_moments().keep(network.weight != 0)
    classifier = SCANNClassifier()
    classifier.classes_ = classes
    classifier.n_outputs_ = network.topology.n_outputs
    classifier.n_features_in_ = network.topology.n_inputs
    vars(classifier).update(
        fitted_attributes(Model(network, class_head(classes, network.topology.n_outputs)))
    )
    return classifier


def tolerance(accuracy, n_samples):
    """One standard error of an accuracy on so many samples."""
    return float(np.sqrt(accuracy * (1 - accuracy) / n_samples))
