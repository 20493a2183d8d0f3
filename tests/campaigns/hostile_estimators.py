"""Estimators of odd parameters on odd data: a message, or answers that are finite."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from tests.campaigns._campaign import Campaign
from tests.campaigns._odd_data import draw_weights, draw_X, draw_y
from tests.campaigns._odd_parameters import draw_estimator


@dataclass
class Case:
    """An estimator, what it is fitted on and what it predicts."""

    estimator: Any
    kind: str
    data: tuple
    more: dict
    new: Any
    words: str

    def __repr__(self):
        return self.words


class Estimators(Campaign):
    """Constructors, data, schemes, heads and layers."""

    name = "estimators"
    documented = (ValueError, TypeError, OSError, NotImplementedError)
    # scikit-learn's and pandas's checks of arrays raise what they do; so do modules of the user's
    refuses_in = ("sklearn", "numpy", "scipy", "pandas")
    share = 0.25
    memory = 2 * 2**30
    # kernels are loaded, and torch loads parts of itself where they are used
    permitted = ("ctypes.dlopen", "code.__new__", "pickle.find_class")

    def prepare(self, folder):
        """Load kernels and modules: the forks have them then."""
        torch.set_num_threads(1)
        for number in range(40):
            case = self.case(np.random.default_rng([10**6, number]))
            try:
                self.run(case)
            except Exception:  # each case is tried again
                continue

    def case(self, rng):
        """Draw all parts; half of the cases are odd in few of them."""
        odd = float(rng.choice([0.0, 0.05, 0.2, 0.5]))
        X, words_X = draw_X(rng, odd=odd)
        n, d = (int(n) for n in words_X.split()[1].split("x"))
        estimator, kind, words = draw_estimator(rng, d, odd)
        y, words_y = draw_y(rng, n, kind == "regressor", odd)
        weights, words_w = draw_weights(rng, n, odd / 2)
        more = {} if weights is None else {"sample_weight": weights}
        words = "; ".join([words, words_X, words_y, words_w])
        if rng.random() < odd / 4 and kind != "reducer":
            X_val, words_val = draw_X(rng, (int(rng.choice([1, 10])), d), odd)
            y_val, words_y = draw_y(rng, 10, kind == "regressor", odd)
            more |= {"X_val": X_val, "y_val": y_val}
            words += f"; validation {words_val} {words_y}"
        new, words_new = draw_X(rng, (int(rng.choice([0, 1, 20])), d), odd)
        return Case(estimator, kind, (X, y), more, new, f"{words}; new {words_new}")

    def run(self, case):
        """Fit, predict, and look at all that a user would look at."""
        estimator = clone(case.estimator)
        repr(estimator)
        if case.kind == "reducer":
            found = estimator.fit_transform(*case.data)
            assert np.isfinite(found).all(), "transformed to what is not finite"
            estimator.transform(case.new)
            return
        estimator.fit(*case.data, **case.more)
        bound = estimator.n_connections
        if isinstance(bound, int | np.integer):
            assert estimator.n_connections_ <= bound, "more connections than asked for"
        _check(estimator, case.data[0], case.kind)
        assert all(np.isfinite(p.biases).all() for p in estimator.path_)
        smallest = estimator.select(n_connections=estimator.path_[0].n_connections)
        for other in (smallest, copy.deepcopy(estimator), _pickled(estimator)):
            _check(other, case.data[0], case.kind)
        _check(estimator, case.new, case.kind)

    def judge(self, error):
        """A user's own module, scorer or teacher may raise what it likes."""
        if isinstance(error, NotFittedError):
            return "failure: not fitted"
        if _of_user(error):
            return f"refused: {type(error).__name__} of the user's code"
        return super().judge(error)


def _pickled(estimator):
    """What comes back from pickle; the estimator itself where a parameter is a lambda."""
    try:
        return pickle.loads(pickle.dumps(estimator))
    except pickle.PicklingError as error:
        if "lambda" not in str(error):
            raise
        return estimator


def _of_user(error):
    trace = error.__traceback__
    while trace.tb_next is not None:
        trace = trace.tb_next
    name = trace.tb_frame.f_code.co_filename
    return "_odd_parameters" in name or "/torch/nn/" in name


def _check(estimator, X, kind):
    """Predictions are finite, probabilities sum to one."""
    found = estimator.predict(X)
    if kind == "regressor":
        assert np.isfinite(found).all(), "values are not finite"
        return
    outputs = estimator.decision_function(X)
    if kind == "exits":  # logarithms of probabilities: zero is minus infinity
        assert not np.isnan(outputs).any(), "scores are NaN"
    else:
        assert np.isfinite(outputs).all(), "outputs are not finite"
    probability = estimator.predict_proba(X)
    assert np.isfinite(probability).all(), "probabilities are not finite"
    assert ((probability >= 0) & (probability <= 1)).all(), "probabilities are not in [0, 1]"
    if np.ndim(found) == 1:
        np.testing.assert_allclose(probability.sum(axis=1), 1, atol=1e-6)
        assert set(found.tolist()) <= set(estimator.classes_.tolist())


CAMPAIGN = Estimators
