"""Decision trees, small random forests and gradient boosting, by the bytes they take up."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import product

from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from benchmarks.peers._points import MOST_BYTES, affordable, point

LEAVES = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
FOREST = (3, 5, 8, 12, 20, 40), (4, 8, 16, 32, 64, 128, 256)
BOOSTING = (1, 2, 4, 8, 16, 32, 64), (2, 3, 4, 8, 16), (0.2, 0.5)
SMALLEST_NODE = 4  # bytes, less than any; only to leave out what is surely too large


def tree(parts, scaling, seed, quick=False):
    """One tree, grown best first to 2 to 1024 leaves, by Gini impurity and by entropy.

    Trees don't see the scaling of the inputs.
    """
    points = []
    for criterion, leaves in product(("gini", "entropy"), (4, 32) if quick else LEAVES):
        model = DecisionTreeClassifier(
            criterion=criterion, max_leaf_nodes=leaves, random_state=seed
        ).fit(parts.X_train, parts.y_train)
        points.append(point(f"{leaves} leaves, {criterion}", model, parts))
    return affordable(points)


def forest(parts, scaling, seed, quick=False):
    """Three to 40 trees of four to 256 leaves each, of at most 20 kB."""
    points = []
    for n_trees, leaves in product(*(((3,), (8,)) if quick else FOREST)):
        if _surely_too_large(n_trees, leaves):
            continue
        model = RandomForestClassifier(n_trees, max_leaf_nodes=leaves, random_state=seed)
        model.fit(parts.X_train, parts.y_train)
        points.append(point(f"{n_trees} trees, {leaves} leaves", model, parts))
    return affordable(points)


def boosting(parts, scaling, seed, quick=False):
    """Histogram gradient boosting: 1 to 64 rounds of trees of 2 to 16 leaves, at two rates."""
    n_classes = len(set(parts.y_train.tolist()))
    points = []
    for rounds, leaves, rate in product(*(((2,), (4,), (0.5,)) if quick else BOOSTING)):
        if _surely_too_large(rounds * (n_classes if n_classes > 2 else 1), leaves):
            continue
        model = HistGradientBoostingClassifier(
            max_iter=rounds,
            max_leaf_nodes=leaves,
            learning_rate=rate,
            early_stopping=False,
            random_state=seed,
        ).fit(parts.X_train, parts.y_train)
        points.append(point(f"{rounds} rounds, {leaves} leaves, rate {rate}", model, parts))
    return affordable(points)


def _surely_too_large(n_trees, leaves):
    return n_trees * (2 * leaves - 1) * SMALLEST_NODE > MOST_BYTES
