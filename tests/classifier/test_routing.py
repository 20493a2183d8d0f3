"""Weights and validation data through scikit-learn's metadata routing."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn import config_context
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ._helpers import same_network, short


@pytest.fixture
def weight(iris):
    """Weights of the flowers."""
    return np.random.default_rng(0).uniform(0.5, 2, len(iris[1]))


@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss"])
def test_a_weighted_fit_with_routing_enabled(iris, weight, scoring):
    plain = short(scoring=scoring).fit(*iris, sample_weight=weight)
    with config_context(enable_metadata_routing=True):
        routed = short(scoring=scoring).fit(*iris, sample_weight=weight)
        assert same_network(plain, routed)
        pipe = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            short(scoring=scoring).set_fit_request(sample_weight=True),
        )
        pipe.fit(*iris, sample_weight=weight)


def test_search_with_weights(iris, weight):
    with config_context(enable_metadata_routing=True):
        classifier = (
            short().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        )
        GridSearchCV(classifier, {"max_loss": [0, 0.1]}, cv=2, error_score="raise").fit(
            *iris, sample_weight=weight
        )


def test_search_with_weights_without_routing(iris, weight):
    search = GridSearchCV(short(), {"max_loss": [0, 0.1]}, cv=2, error_score="raise")
    search.fit(*iris, sample_weight=weight)
    scores = cross_validate(
        short(), *iris, params={"sample_weight": weight}, cv=2, error_score="raise"
    )
    assert len(scores["test_score"]) == 2


def test_validation_data_through_a_pipeline(iris):
    X, y = iris
    pipe = make_pipeline("passthrough", short())
    pipe.fit(X, y, scannclassifier__X_val=X, scannclassifier__y_val=y)
    assert same_network(pipe[-1], short().fit(X, y, X_val=X, y_val=y))
