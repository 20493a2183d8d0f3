"""Inside scikit-learn's meta-estimators; more of them: tests/conformance."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
from sklearn.callback import ScoringMonitor
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import SelectFromModel
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, cross_val_predict
from sklearn.multioutput import MultiOutputClassifier

from ._helpers import short


def test_halving(wine):
    grid = {"n_connections": [30, 50]}
    search = HalvingGridSearchCV(short(), grid, min_resources=60, cv=3, error_score="raise")
    assert search.fit(*wine).score(*wine) > 0.8


def test_several_outputs(iris):
    X, y = iris
    Y = np.column_stack([y, y[::-1]])
    assert MultiOutputClassifier(short()).fit(X, Y).predict(X).shape == (150, 2)


def test_cross_val_predict(iris):
    X, y = iris
    probability = cross_val_predict(short(), X, y, method="predict_proba", cv=3)
    assert probability.shape == (150, 3)
    np.testing.assert_allclose(probability.sum(axis=1), 1)


def test_support_for_selecting_features(cancer, fitted_cancer):
    X, _ = cancer
    selector = SelectFromModel(
        fitted_cancer,
        prefit=True,
        threshold=0.5,
        importance_getter=lambda estimator: estimator.get_support().astype(float),
    )
    np.testing.assert_array_equal(selector.transform(X), X[:, fitted_cancer.get_support()])


def test_scoring_monitor_within_a_search(iris):
    monitor = ScoringMonitor(scoring="accuracy")
    search = GridSearchCV(short().set_callbacks(monitor), {"n_connections": [20, 40]}, cv=2)
    search.fit(*iris)
    log = monitor.get_logs().data_as_pandas
    assert log["task_name"].eq("epoch").sum() > 2 * search.best_estimator_.n_iter_
    assert np.isfinite(log["accuracy"]).all()
