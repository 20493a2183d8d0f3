"""Probabilities of a default fit, and what they were before temperatures."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings
from contextlib import nullcontext
from itertools import product
from unittest.mock import patch

import numpy as np
from joblib import Parallel, delayed
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from benchmarks._results import Run
from benchmarks.one_fit._cases import once, rare
from scann_sklearn import SCANNClassifier
from scann_sklearn.estimators._fit import Fit

NAME, N_BINS, SURELY_NOT = "one_fit_reliability", 15, 0.01
DATA = {"digits": "digits", "rare": "two classes, 99 : 1"}
GOALS = {("digits", "ece"): 0.02}
# Label smoothing, and whether outputs are divided by a temperature.
VARIANTS = {
    "before": (0.1, False),
    "neither": (0.0, False),
    "default": (SCANNClassifier().label_smoothing, True),
}
LABELS = {
    "before": "label smoothing 0.1 (before)",
    "neither": "neither",
    "default": "temperature (default)",
}


def split(name, seed):
    """Training and test data: of digits always the same, else by the seed."""
    if name == "digits":
        X, y = load_digits(return_X_y=True)
        X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
        return (X_train, y_train), (X_test, y_test)
    return once(*rare(), seed, 0.25)[0]


def calibration(probabilities, y):
    """Expected calibration error over equal bins of the top probability, and what is in them.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
        Of each class.
    y : ndarray of int of shape (n_samples,)
        Columns of the true classes.

    Returns
    -------
    error : float
        Mean over samples of the difference of confidence and accuracy of their bin.
    bins : list of [int, float, float]
        Samples, and sums of their confidences and of those that are right.
    """
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == y
    which = np.clip(np.ceil(top * N_BINS).astype(int) - 1, 0, N_BINS - 1)
    counts = np.bincount(which, minlength=N_BINS)
    confident = np.bincount(which, top, N_BINS)
    correct = np.bincount(which, right, N_BINS)
    error = float(np.abs(confident - correct).sum() / len(y))
    return error, [list(b) for b in zip(counts.tolist(), confident.tolist(), correct.tolist())]


def measure(name, seed, variant, quick=False):
    """Record of a data set, seed and variant.

    A temperature is folded into the last weights within the fit, from `Fit.temperatures`: where
    that says None, the network stays as it was trained.
    """
    smoothing, is_calibrated = VARIANTS[variant]
    classifier = SCANNClassifier(label_smoothing=smoothing, random_state=seed)
    if quick:
        classifier.set_params(scheme__initial_epochs=4, scheme__epochs=2)
    (X_train, y_train), (X_test, y_test) = split(name, seed)
    plain = patch.object(Fit, "temperatures", lambda self, network: None)
    with nullcontext() if is_calibrated else plain, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # remarks on what the fit has found
        classifier.fit(X_train, y_train)
    probabilities = classifier.predict_proba(X_test).astype(np.float64)
    error, bins = calibration(probabilities, np.searchsorted(classifier.classes_, y_test))
    facts = {
        "accuracy": float(np.mean(classifier.predict(X_test) == y_test)),
        "ece": error,
        "log_loss": float(log_loss(y_test, probabilities, labels=classifier.classes_)),
        "below": float(np.mean(probabilities[:, -1] < SURELY_NOT)) if name == "rare" else None,
    }
    facts = {key: None if value is None else round(value, 5) for key, value in facts.items()}
    return {"data": name, "seed": seed, "variant": variant, **facts, "bins": bins}


def run(n_seeds, n_jobs, quick=False, folder=None):
    """Carry out all variants and write their records."""
    cells = list(product(("digits",) if quick else DATA, range(n_seeds), VARIANTS))
    results = Run(NAME, folder, seeds=list(range(n_seeds)))
    for record in Parallel(n_jobs)(delayed(measure)(*cell, quick) for cell in cells):
        results.add(record)
    return results.finish()
