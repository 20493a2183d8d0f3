"""What is searched: handwritten digits, by each of the searches."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from scann_sklearn import DimReducer, SCANNClassifier, SchemeB
from scann_sklearn.model_selection import CompressionSearchCV, STEERAGESearchCV

SHORT = SchemeB(initial_epochs=8, epochs=4, growth_epochs=4, iterations=1)


def pipeline(scheme=SHORT, n_connections=300):
    """The estimator of all searches."""
    scann = SCANNClassifier(
        scheme, n_connections=n_connections, hidden_layer_sizes=(30,), random_state=0
    )
    return Pipeline([("reduce", DimReducer(random_state=0)), ("scann", scann)])


def grid(n_candidates, cv=2, scheme=SHORT):
    """A grid of sizes."""
    bounds = np.linspace(200, 600, n_candidates).astype(int).tolist()
    return GridSearchCV(pipeline(scheme), {"scann__n_connections": bounds}, cv=cv)


def searches():
    """One search of each kind, some seconds each, by their names."""
    sizes = {"scann__n_connections": [200, 250, 300], "scann__hidden_layer_sizes": [(10,), (20,)]}
    compression = CompressionSearchCV(
        pipeline(), methods=["pca", "sparse_rp"], ratios=[1, 2, 4], cv=2
    )
    steerage = STEERAGESearchCV(
        pipeline(), sizes, n_iter=5, n_initial=3, n_local=1, cv=2, random_state=0
    )
    return {
        "GridSearchCV": grid(6),
        "CompressionSearchCV": compression,
        "STEERAGESearchCV": steerage,
    }


def fitted(search, context):
    """A fitted copy of a search, in a context of joblib."""
    with context:
        return clone(search).fit(*load_digits(return_X_y=True))


def equal(a, b):
    """Whether two searches have the same ``cv_results_`` in all but the times."""
    names = [name for name in a.cv_results_ if not name.endswith("_time")]
    return list(a.cv_results_) == list(b.cv_results_) and all(
        repr(np.asarray(a.cv_results_[name]).tolist())
        == repr(np.asarray(b.cv_results_[name]).tolist())
        for name in names
    )
