"""Ridge regression, decision trees and gradient boosting."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import product

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.tree import DecisionTreeRegressor

from benchmarks.regression._points import point

STRENGTHS = np.logspace(-2, 4, 13)
LEAVES = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
ROUNDS, BOOSTED_LEAVES = (10, 30, 100, 300), (4, 16)


def ridge(parts, seed, quick=False):
    """RidgeCV over thirteen strengths: one point, whose coefficients are its connections."""
    model = RidgeCV(STRENGTHS).fit(parts.X_train, parts.y_train)
    setting = f"alpha={model.alpha_:.3g}"
    return {"points": [point(setting, model.predict, parts, connections=model.coef_.size)]}


def tree(parts, seed, quick=False):
    """One tree for all targets, grown best first to 2 to 1024 leaves."""
    points = []
    for leaves in (4, 16) if quick else (n for n in LEAVES if n < len(parts.y_train)):
        model = DecisionTreeRegressor(max_leaf_nodes=leaves, random_state=seed)
        model.fit(parts.X_train, parts.y_train)
        size = {"nodes": int(model.tree_.node_count)}
        points.append(point(f"{leaves} leaves", model.predict, parts, **size))
    return {"points": points}


def boosting(parts, seed, quick=False):
    """Histogram gradient boosting: 10 to 300 rounds of trees of 4 or 16 leaves for each target."""
    points = []
    for rounds, leaves in product(ROUNDS[:1] if quick else ROUNDS, BOOSTED_LEAVES):
        model = HistGradientBoostingRegressor(
            max_iter=rounds, max_leaf_nodes=leaves, early_stopping=False, random_state=seed
        )
        model = MultiOutputRegressor(model) if parts.y_train.ndim == 2 else model
        model.fit(parts.X_train, parts.y_train)
        setting = f"{rounds} rounds, {leaves} leaves"
        points.append(point(setting, model.predict, parts, nodes=_n_nodes(model)))
    return {"points": points}


def _n_nodes(model):
    members = getattr(model, "estimators_", [model])
    trees = [tree for member in members for stage in member._predictors for tree in stage]
    return sum(len(tree.nodes) for tree in trees)
