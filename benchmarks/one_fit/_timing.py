"""Time of one default fit against that of a perceptron with early stopping."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from benchmarks import _data
from benchmarks._results import Run
from benchmarks.speed._timing import seconds
from scann_sklearn import SCANNClassifier

NAME, LAYERS, GOAL, FEWEST_PAIRS = "one_fit_timing", (100, 50), 1.5, 10


def pair(X, y, seed):
    """Seconds of both fits, one after the other.

    Parameters
    ----------
    X, y : ndarray
        Training data; both fits set a tenth aside for validation.
    seed : int
        Random state of both.

    Returns
    -------
    record : dict
        seed, ours_seconds, peer_seconds and ratio (above 1: the perceptron is faster).
    """
    perceptron = MLPClassifier(LAYERS, early_stopping=True, random_state=seed)
    ours = seconds(lambda: SCANNClassifier(random_state=seed).fit(X, y))
    peer = seconds(lambda: make_pipeline(StandardScaler(), perceptron).fit(X, y))
    return {
        "seed": seed,
        "ours_seconds": round(ours, 4),
        "peer_seconds": round(peer, 4),
        "ratio": round(ours / peer, 3),
    }


def run(n_seeds, quick=False, folder=None):
    """Time pairs on one thread, after one that isn't counted, and write their records."""
    name, n_pairs = ("digits", 2) if quick else ("pendigits", max(n_seeds, FEWEST_PAIRS))
    parts = _data.load(name)
    X, y = parts.X_official, parts.y_official
    results = Run(NAME, folder, data=name, n_training=len(y), goal=GOAL)
    with threadpool_limits(1):
        pair(X, y, 0)
        for seed in range(n_pairs):
            results.add(pair(X, y, seed))
    return results.finish()
