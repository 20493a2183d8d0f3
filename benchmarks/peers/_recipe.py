"""How networks of the comparison are trained: as `SCANNClassifier` trains them by default."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn import SCANNClassifier
from scann_sklearn.heads._classes import class_head
from scann_sklearn.training._objective import Objective
from scann_sklearn.training._options import TrainingOptions


def recipe(data, rate):
    """Objective and training options of the classifier's defaults.

    Parameters
    ----------
    data : benchmarks._data.Parts
        Scaled data.
    rate : float or "auto"
        Learning rate at the start.

    Returns
    -------
    objective : Objective
        The training part, with the label smoothing of the defaults.
    options : TrainingOptions
        With the batch size and weight decay of so many samples.
    """
    classifier = SCANNClassifier(learning_rate_init=rate)
    classes, y = np.unique(data.y_train, return_inverse=True)
    head, X = class_head(classes), data.X_train
    targets = head.targets(y, None, classifier.label_smoothing, X.dtype)
    options = TrainingOptions.of(classifier, len(y), head.entropy(targets))
    return Objective(X, targets, head), options


def hidden_neurons():
    """Number of hidden neurons that the classifier's defaults have."""
    return sum(SCANNClassifier().hidden_layer_sizes)


def batches(n_samples):
    """Updates of an epoch of so many samples, by the classifier's defaults."""
    return -(-n_samples // TrainingOptions.of(SCANNClassifier(), n_samples).batch_size)
