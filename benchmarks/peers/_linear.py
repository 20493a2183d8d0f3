"""Logistic regression: dense with an L2 penalty, sparse along a path of L1 penalties."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from benchmarks._scaling import scaled
from benchmarks.peers._points import affordable, point

DENSE = np.logspace(-3, 2, 6)
SPARSE = np.logspace(-3, 0.5, 15)


def frontier(parts, scaling, seed, quick=False):
    """L2 with six strengths; L1 with fifteen, each from the solution before it."""
    data = scaled(parts, scaling)
    points = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough: these are points to try
        for C in DENSE[3:4] if quick else DENSE:
            model = LogisticRegression(C=C, max_iter=300).fit(data.X_train, data.y_train)
            points.append(point(f"L2, C={C:.3g}", model, data))
        for C, model in _l1_path(data, SPARSE[5:8] if quick else SPARSE, seed):
            points.append(point(f"L1, C={C:.3g}", model, data))
    return affordable(points)


def _l1_path(data, strengths, seed):
    """Models from sparse to dense; those of no connection at all are left out."""
    path = LogisticRegression(
        l1_ratio=1, solver="saga", warm_start=True, tol=1e-3, max_iter=50, random_state=seed
    )
    for C in strengths:
        path.set_params(C=C).fit(data.X_train, data.y_train)
        if not path.coef_.any():
            continue
        model = LogisticRegression().set_params(**path.get_params())
        names = ("coef_", "intercept_", "classes_")
        vars(model).update({name: getattr(path, name).copy() for name in names})
        model.n_features_in_ = path.n_features_in_
        yield C, model.sparsify()
