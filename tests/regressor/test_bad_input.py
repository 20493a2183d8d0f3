"""Mistakes in what a regressor is given are errors that name them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from tests.regressor._helpers import short_regressor


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["y", "y_val"])
def test_numbers_that_are_not_finite(friedman, bad, where):
    X, y = friedman
    spoilt = y.copy()
    spoilt[3] = bad
    data = (X, spoilt) if where == "y" else (X, y)
    validation = {} if where == "y" else {"X_val": X, "y_val": spoilt}
    with pytest.raises(ValueError, match=rf"\b{where}\b.*(NaN|nan|infinity)"):
        short_regressor().fit(*data, **validation)


@pytest.mark.parametrize("factor", [1e300, 1e150, 1e-150, 1e-300, 1e-310])
def test_targets_whose_squares_leave_the_range(friedman, factor):
    X, y = friedman
    with pytest.raises(ValueError, match=r"y has values from .*Divide y by a constant"):
        short_regressor().fit(X, y * factor)
    Y = np.column_stack([y, y * factor])
    with pytest.raises(ValueError, match=r"y has values in column 1 from"):
        short_regressor().fit(X, Y)


@pytest.mark.parametrize("factor", [1e40, 1e-40])
def test_targets_beyond_single_precision(friedman, factor):
    X, y = friedman
    with pytest.raises(ValueError, match="outside of the range of float32"):
        short_regressor().fit(X.astype(np.float32), y * factor)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a", "b"] * 250, "y must hold numbers, got strings such as a"),
        (["1.5", "2"] * 250, "y must hold numbers, got strings such as 1.5"),
        ([1.0, "b"] * 250, "y must hold numbers, got strings such as 1.0"),
        (np.array([1.0, "b"] * 250, dtype=object), "'b'"),
        (np.full(500, 1j), "[Cc]omplex"),
        (np.datetime64("2026-01-01") + np.arange(500), "got dates or times such as 2026-01-01"),
        (np.ones((500, 2, 2)), "dim"),
        (np.ma.masked_array(np.ones(500), mask=np.arange(500) == 3), "1 masked"),
        (None, "y"),
        (np.ones(499), r"\[500, 499\]"),
    ],
)
def test_other_kinds_of_y(friedman, y, message):
    with pytest.raises(ValueError, match=message):
        short_regressor().fit(friedman[0], y)


def test_another_number_of_targets_in_y_val(friedman):
    X, y = friedman
    Y = np.column_stack([y, -y])
    with pytest.raises(ValueError, match=r"y_val has 1 target\(s\), but y has 2"):
        short_regressor().fit(X, Y, X_val=X, y_val=y)
    with pytest.raises(ValueError, match=r"y_val has 2 target\(s\), but y has 1"):
        short_regressor().fit(X, y, X_val=X, y_val=Y)
    with pytest.raises(ValueError, match="y_val must hold numbers"):
        short_regressor().fit(X, y, X_val=X, y_val=["a"] * 500)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"loss": "squared"}, r"'loss' parameter of SCANNRegressor must be .*squared_error.*Got"),
        ({"loss": "log_loss"}, "'log_loss'"),
        ({"huber_delta": 0}, "'huber_delta' parameter of SCANNRegressor must be .*Got 0"),
        ({"huber_delta": -1.5}, "Got -1.5"),
        ({"huber_delta": np.nan}, "huber_delta"),
        ({"huber_delta": "1"}, "huber_delta"),
        ({"scoring": "accuracy"}, "score for classification and says nothing about values"),
        ({"scoring": "roc_auc"}, "score for classification"),
        ({"scoring": "adjusted_rand_score"}, "score for clusterings"),
        ({"teacher": 3}, "teacher"),
        ({"teacher": LogisticRegression()}, r"teacher must be a regressor, got LogisticRegression"),
        ({"teacher_weight": 1.5}, "teacher_weight"),
        ({"n_connections": 0}, "n_connections"),
    ],
)
def test_parameters(friedman, parameters, message):
    with pytest.raises(ValueError, match=message):
        short_regressor(**parameters).fit(*friedman)


@pytest.mark.parametrize("name", ["label_smoothing", "class_weight", "teacher_temperature"])
def test_parameters_of_classifiers(name):
    with pytest.raises(TypeError, match=name):
        short_regressor(**{name: None})


class Odd(LinearRegression):
    """A teacher that predicts something odd."""

    def __init__(self, said=None):
        super().__init__()
        self.said = said

    def predict(self, X):
        """Predict."""
        return super().predict(X) * np.nan if self.said is None else np.ones((len(X), self.said))


def test_teachers_that_say_nothing(friedman):
    with pytest.raises(ValueError, match=r"predictions for a sample are \[nan\]"):
        short_regressor(teacher=Odd()).fit(*friedman)
    with pytest.raises(ValueError, match=r"shape \(\d+, 3\), expected \(\d+, 1\)"):
        short_regressor(teacher=Odd(3)).fit(*friedman)


def test_weights_that_add_up_to_infinity(friedman):
    X, y = friedman
    with pytest.raises(ValueError, match="sample_weight adds up to inf"):
        short_regressor().fit(X, y, sample_weight=np.full(500, 1e308))


def test_targets_that_overflow_with_the_weights(friedman):
    """Inputs that hardly vary need large weights, and large targets larger ones."""
    X, y = friedman
    with pytest.raises(ValueError, match="too large for float32: scale X or y"):
        short_regressor(n_connections=20).fit((X * 1e-25).astype(np.float32), y * 1e25)
