"""One point of a frontier: a fitted regressor, its R² and its size."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
from sklearn.metrics import r2_score

RESAMPLES = 200


def point(setting, predict, parts, **size):
    """Record of a fitted regressor.

    Parameters
    ----------
    setting : str
        How it was made, in a few words.
    predict : callable
        Values of samples.
    parts : benchmarks._data.Parts
        The data.
    **size
        What the model consists of: `connections` of a network or a linear model, `nodes` of trees.

    Returns
    -------
    point : dict
        setting, R² on validation and on test data (mean of the targets'), size.
    """
    return {
        "setting": setting,
        "validation": round(float(r2_score(parts.y_val, predict(parts.X_val))), 5),
        "test": round(float(r2_score(parts.y_test, predict(parts.X_test))), 5),
        **size,
    }


def standard_error(y, predicted, seed, n_resamples=RESAMPLES):
    """Standard error of an R², over a bootstrap of the rows.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Values.
    predicted : ndarray of the same shape
        What a model says of them.
    seed : int
        Draws the rows.
    n_resamples : int, default=200
        How often.

    Returns
    -------
    error : float
        Standard deviation over the resamples.
    """
    rng = np.random.default_rng(seed)
    drawn = (rng.integers(len(y), size=len(y)) for _ in range(n_resamples))
    return float(np.std([r2_score(y[rows], predicted[rows]) for rows in drawn], ddof=1))


def front(points, cost="connections"):
    """Points that none other beats in both size and validation R².

    Parameters
    ----------
    points : list of dict
        Points.
    cost : {"connections", "nodes"}, default="connections"
        The size.

    Returns
    -------
    points : list of dict
        Ascending in both.
    """
    kept: list[dict] = []
    for p in sorted(points, key=lambda p: (p[cost], -p["validation"])):
        if not kept or p["validation"] > kept[-1]["validation"]:
            kept.append(p)
    return kept
