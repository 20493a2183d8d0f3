"""Scorers that can't judge a classifier: the error names `scoring`, before the training."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import warnings

import numpy as np
import pytest
import torch
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import get_scorer_names, make_scorer, mean_squared_error, r2_score

from ._helpers import same_network, short


def fails(iris, scoring, message, cause=None):
    """Fit, which has to fail before the first epoch."""
    classifier = short(scoring=scoring, verbose=True)
    with pytest.raises(ValueError, match=message) as caught:
        classifier.fit(*iris)
    assert "scoring=" in str(caught.value)
    assert not hasattr(classifier, "history_")
    if cause is not None:
        assert isinstance(caught.value.__cause__, cause)


REGRESSION = ["r2", "neg_mean_squared_error", "explained_variance", "d2_absolute_error_score"]
CLUSTERING = ["adjusted_rand_score", "v_measure_score", "mutual_info_score"]


@pytest.mark.parametrize("name", REGRESSION)
def test_scores_of_regression(iris, name):
    assert name in get_scorer_names()
    fails(iris, name, f"scoring={name!r} is a score for regression")


@pytest.mark.parametrize("name", CLUSTERING)
def test_scores_of_clusterings(iris, name):
    fails(iris, name, f"scoring={name!r} is a score for clusterings")


@pytest.mark.parametrize("function", [r2_score, mean_squared_error])
def test_scorers_made_of_them(iris, function):
    fails(iris, make_scorer(function), "is a score for regression")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "NoneType"),
        ((0.5, 0.5), "tuple"),
        ("0.5", "str"),
        (np.array([0.5, 0.5]), "ndarray"),
        ({"score": 0.5}, "dict"),
        (0.5j, "complex"),
    ],
    ids=str,
)
def test_what_is_no_number(iris, value, kind, capsys):
    fails(iris, lambda estimator, X, y: value, f"must return a number, got .* of type {kind}")
    assert capsys.readouterr().out == ""  # no round was done


@pytest.mark.parametrize("value", [np.float32(0.5), np.array(0.5), torch.tensor(0.5), 1])
def test_numbers_of_other_kinds(iris, value):
    classifier = short(scoring=lambda estimator, X, y: value).fit(*iris)
    assert classifier.validation_score_ == float(value)


def test_scorers_that_fail(iris, capsys):
    def scoring(estimator, X, y):
        return {}["accuracy"]

    fails(iris, scoring, r"scoring=<function.*KeyError: 'accuracy'", KeyError)
    fails(iris, "roc_auc", "scoring='roc_auc' failed .*multi_class", ValueError)
    fails(iris, "f1", "scoring='f1' failed .*average='binary'", ValueError)
    fails(
        iris, lambda estimator, X: 0.5, r"called as scorer\(estimator, X, y\).*TypeError", TypeError
    )
    assert capsys.readouterr().out == ""


def test_one_that_fails_later(iris):
    calls = []

    def scoring(estimator, X, y):
        calls.append(estimator.n_connections_ if hasattr(estimator, "n_connections_") else 0)
        if len(calls) == 4:
            raise ZeroDivisionError("of two")
        return 0.5

    with pytest.raises(ValueError, match="scoring=.*ZeroDivisionError: of two") as caught:
        short(scoring=scoring).fit(*iris)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_scorer_is_tried_without_a_word(iris):
    """What it says about a network that has learnt nothing yet is nobody's business."""
    calls = []

    def scoring(estimator, X, y):
        calls.append(0)
        if len(calls) == 1:
            warnings.warn("no positives", UndefinedMetricWarning, stacklevel=1)
            return np.nan
        return estimator.score(X, y)

    assert same_network(short(scoring=scoring).fit(*iris), short().fit(*iris))
