"""scikit-learn's own: what it does around any estimator it does around ours."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn import config_context
from sklearn.datasets import load_breast_cancer, load_wine, make_friedman1
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conformance._parts import (
    CLASSIFIERS,
    ESTIMATORS,
    OF_CLASSIFIERS,
    OF_REGRESSORS,
    OF_SEVERAL_CLASSIFICATIONS,
    OF_SEVERAL_REGRESSIONS,
    OF_TWO_CLASSES,
)

WINE = load_wine(return_X_y=True)
CANCER = load_breast_cancer(return_X_y=True)
VALUES = make_friedman1(200, random_state=0)


@pytest.mark.parametrize("estimator", CLASSIFIERS)
@pytest.mark.parametrize("part", OF_CLASSIFIERS)
def test_classifiers(part, estimator):
    X, y = WINE
    found = OF_CLASSIFIERS[part](ESTIMATORS[estimator]()).fit(X, y)
    assert found.score(X, y) > 0.75
    if hasattr(found, "predict_proba"):
        np.testing.assert_allclose(found.predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize("estimator", CLASSIFIERS)
@pytest.mark.parametrize("part", OF_TWO_CLASSES)
def test_thresholds(part, estimator):
    X, y = CANCER
    found = OF_TWO_CLASSES[part](ESTIMATORS[estimator]()).fit(X, y)
    assert found.score(X, y) > 0.85


def test_a_threshold_is_that_of_the_probabilities():
    X, y = CANCER
    found = OF_TWO_CLASSES["FixedThresholdClassifier"](ESTIMATORS["SCANNClassifier"]()).fit(X, y)
    expected = found.estimator_.predict_proba(X)[:, 1] >= 0.3
    np.testing.assert_array_equal(found.predict(X), expected)


@pytest.mark.parametrize("estimator", CLASSIFIERS)
@pytest.mark.parametrize("part", OF_SEVERAL_CLASSIFICATIONS)
def test_several_classifications(part, estimator):
    X, y = WINE
    Y = np.column_stack([y == 0, y == 1]).astype(int)
    found = OF_SEVERAL_CLASSIFICATIONS[part](ESTIMATORS[estimator]()).fit(X, Y)
    assert (found.predict(X) == Y).mean() > 0.8


@pytest.mark.parametrize("part", OF_REGRESSORS)
def test_regressors(part):
    X, y = VALUES
    found = OF_REGRESSORS[part](ESTIMATORS["SCANNRegressor"]()).fit(X, y)
    assert found.score(X, y) > 0.5


@pytest.mark.parametrize("part", OF_SEVERAL_REGRESSIONS)
def test_several_regressions(part):
    X, y = VALUES
    found = OF_SEVERAL_REGRESSIONS[part](ESTIMATORS["SCANNRegressor"]())
    assert found.fit(X, np.column_stack([y, -y])).score(X, np.column_stack([y, -y])) > 0.5


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_permutation_importance_is_zero_for_what_is_not_read(estimator):
    X, y = VALUES if estimator == "SCANNRegressor" else CANCER
    fitted = ESTIMATORS[estimator]().fit(X, y)
    smallest = fitted.path_[0].n_connections
    if estimator != "EarlyExitClassifier":
        fitted = fitted.select(n_connections=smallest)
    unread = ~fitted.get_support()
    found = permutation_importance(fitted, X, y, n_repeats=2, random_state=0)
    assert (found.importances[unread] == 0).all()
    assert (found.importances_mean[~unread] != 0).any()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_routing(estimator):
    """Weights reach `fit` and `score` through a pipeline, a search and a cross-validation."""
    X, y = VALUES if estimator == "SCANNRegressor" else WINE
    weight = np.linspace(0.5, 1.5, len(y))
    with config_context(enable_metadata_routing=True):
        one = ESTIMATORS[estimator]()
        one.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        model = make_pipeline(scaler, one)
        grid = {f"{type(one).__name__.lower()}__n_connections": [60, 100]}
        search = GridSearchCV(model, grid, cv=2, error_score="raise")
        search.fit(X, y, sample_weight=weight)
        found = cross_validate(
            model, X, y, cv=2, params={"sample_weight": weight}, error_score="raise"
        )
    assert found["test_score"].min() > 0.3
    alone = ESTIMATORS[estimator]().set_params(n_connections=60)
    scaled = StandardScaler().fit_transform(X)
    alone.fit(scaled, y, sample_weight=weight)
    best = search.best_estimator_[-1].set_params(n_connections=60).fit(scaled, y, weight)
    np.testing.assert_array_equal(best.biases_, alone.biases_)
