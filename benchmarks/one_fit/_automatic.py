"""Default fits of awkward data: score, connections, seconds; beside a logistic regression."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time
import warnings
from functools import cache
from itertools import product

import numpy as np
from joblib import Parallel, delayed
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks._results import Run
from benchmarks.one_fit._cases import CASES, QUICK
from scann_sklearn import SCANNClassifier

NAME = "one_fit_automatic"


def measure(name, seed):
    """Record of a case and seed: mean scores over its splits, connections and seconds of each fit.

    Parameters
    ----------
    name : str
        Of `CASES`.
    seed : int
        Of the splits and of the fits.

    Returns
    -------
    record : dict
        In place of numbers the reason, as "skipped", where the data can't be had.
    """
    case, key = CASES[name], {"case": name, "seed": seed}
    try:
        X, y = case.load()
    except (OSError, AttributeError) as error:
        return {**key, "skipped": str(error)}
    scores, sizes, seconds, linear = [], [], [], []
    for train, (X_test, y_test) in case.split(X, y, seed):
        _warm_up(train[0].dtype.str)
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # remarks on what the fit has found
            classifier = SCANNClassifier(random_state=seed).fit(*train)
        seconds.append(round(time.perf_counter() - start, 3))
        scores.append(case.score(y_test, classifier.predict(X_test)))
        sizes.append(int(classifier.n_connections_))
        scaler = StandardScaler(with_mean=not sparse.issparse(train[0]))
        peer = make_pipeline(scaler, LogisticRegression(max_iter=2000)).fit(*train)
        linear.append(case.score(y_test, peer.predict(X_test)))
    score, linear_score = (round(float(np.mean(s)), 5) for s in (scores, linear))
    facts = {"n_training": len(train[1]), "n_features": int(np.shape(train[0])[1])}
    found = {"score": score, "connections": sizes, "seconds": seconds, "linear": linear_score}
    return {**key, **facts, **found}


@cache
def _warm_up(dtype):
    """Load the kernels: compiling them doesn't count."""
    X, y = load_iris(return_X_y=True)
    for classes in (y, y > 0):
        SCANNClassifier(n_connections=20, random_state=0).fit(X.astype(dtype), classes)


def run(n_seeds, n_jobs, quick=False, folder=None):
    """Carry out all cases and write their records."""
    cells = list(product(QUICK if quick else CASES, range(n_seeds)))
    results = Run(NAME, folder, seeds=list(range(n_seeds)))
    jobs = (delayed(measure)(*cell) for cell in cells)
    for record in Parallel(n_jobs, return_as="generator_unordered")(jobs):
        results.add(record)
        print(record, flush=True)
    return results.finish()
