"""Prediction: many rows and one row, against scikit-learn's MLP."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.speed._timing import compare, seconds
from benchmarks.speed.training import HIDDEN, FixedTopology, _pendigits
from scann_sklearn import SCANNClassifier


def measure(repeats):
    """Yield (what, target, result)."""
    X, y = _pendigits()
    scann = SCANNClassifier(
        FixedTopology(500, epochs=2), hidden_layer_sizes=(HIDDEN,), n_connections=1.0,
        random_state=0,
    ).fit(X, y)  # fmt: skip
    mlp = MLPClassifier((HIDDEN,), early_stopping=True, max_iter=50, random_state=0).fit(X, y)
    many = np.resize(X, (10_000, X.shape[1]))
    for rows, calls, target in ((many, 10, 3), (X[:1], 500, 1)):
        yield (
            f"predict_proba of {len(rows)} rows, 500 connections, against MLPClassifier((100,))",
            target,
            compare(
                lambda r=rows, c=calls: seconds(lambda: [scann.predict_proba(r) for _ in range(c)]),
                lambda r=rows, c=calls: seconds(lambda: [mlp.predict_proba(r) for _ in range(c)]),
                repeats,
            ),
        )
