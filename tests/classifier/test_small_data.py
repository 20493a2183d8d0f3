"""Small data: five folds say which size is good enough."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import itertools

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.naive_bayes import GaussianNB

from scann_sklearn import SCANNClassifier, SCANNRegressor
from scann_sklearn.estimators._data import Part
from scann_sklearn.estimators._folds import folds_of

from ._callbacks import Callback, Interrupt
from ._helpers import same_network, short


def folded(**parameters):
    """Classifier of small data, which it cross-validates."""
    return short(**{"validation_fraction": "auto"} | parameters)


def part(n_samples, y=None, weight=None):
    """Data whose first column numbers the rows."""
    X = np.column_stack([np.arange(n_samples), np.ones(n_samples)])
    y = np.arange(n_samples) % 3 if y is None else y
    return Part(X, y, np.ones(n_samples) if weight is None else weight)


def held_rows(folds):
    return [held.X[:, 0].astype(int).tolist() for _, held in folds]


def test_every_row_is_held_out_once_and_never_trained_on_then():
    data = part(150)
    folds = folds_of(data, data.y, np.random.default_rng(0))
    assert sorted(itertools.chain(*held_rows(folds))) == list(range(150))
    for train, held in folds:
        assert not set(train.X[:, 0]) & set(held.X[:, 0])
        assert len(train.X) + len(held.X) == 150
        assert np.bincount(held.y).tolist() == [10, 10, 10]


@pytest.mark.parametrize(("n_samples", "n_folds"), [(49, 0), (50, 5), (999, 5), (1000, 0)])
def test_folds_are_for_fifty_to_a_thousand_rows(n_samples, n_folds):
    data = part(n_samples)
    assert len(folds_of(data, data.y, np.random.default_rng(0))) == n_folds
    assert len(folds_of(data, None, np.random.default_rng(0))) == n_folds


@pytest.mark.parametrize(("rare", "n_folds"), [(1, 0), (2, 2), (4, 4), (7, 5)])
def test_every_fold_has_every_class(rare, n_folds):
    y = np.r_[np.zeros(90, int), np.ones(rare, int)]
    folds = folds_of(part(len(y), y), y, np.random.default_rng(0))
    assert len(folds) == n_folds
    assert all(len(set(held.y)) == 2 for _, held in folds)


def test_rows_of_weight_zero_judge_nothing():
    weight = (np.arange(150) % 2).astype(float)
    folds = folds_of(part(150, weight=weight), None, np.random.default_rng(0))
    held = itertools.chain(*held_rows(folds))
    assert sorted(held) == list(range(1, 150, 2))


def test_scores_of_a_path_are_those_of_the_folds(iris):
    clf = folded().fit(*iris)
    scores = [point.validation_score for point in clf.path_]
    assert scores == sorted(scores)
    assert 0.8 < clf.validation_score_ < 1  # nobody is always right about these flowers
    assert 0.5 < clf.score_unit_ < 0.7  # a constant is right about a third


def test_the_same_seed_gives_the_same_folds(iris):
    assert same_network(folded().fit(*iris), folded().fit(*iris))
    assert not same_network(folded().fit(*iris), folded(random_state=1).fit(*iris))


@pytest.mark.parametrize(
    ("parameters", "given", "n_folds"),
    [
        ({}, False, 5),
        ({"n_connections": 20}, False, 0),
        ({"early_stopping": True}, False, 0),
        ({"validation_fraction": 0.1}, False, 0),
        ({}, True, 0),
    ],
)
def test_a_bound_or_validation_data_need_no_folds(iris, parameters, given, n_folds):
    X, y = iris
    callback = Callback()
    validation = {"X_val": X, "y_val": y} if given else {}
    folded(**parameters).set_callbacks(callback).fit(X, y, **validation)
    assert callback.ended.count("fold") == n_folds


def test_each_fold_has_a_teacher_of_its_own(iris):
    seen = []

    class Teacher(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            seen.append(len(X))
            self.model_ = GaussianNB().fit(X, y)
            self.classes_ = self.model_.classes_
            return self

        def predict_proba(self, X):
            return self.model_.predict_proba(X)

    folded(teacher=Teacher()).fit(*iris)
    assert sorted(seen) == [120] * 5 + [150]


def test_an_interruption_in_a_fold_keeps_its_network(iris):
    clf = folded().set_callbacks(Interrupt(30))
    with pytest.raises(KeyboardInterrupt):
        clf.fit(*iris)
    assert clf.score(*iris) > 0.5


def test_values_are_cross_validated_too():
    X, y = load_diabetes(return_X_y=True)
    reg = SCANNRegressor(random_state=0).fit(X, y)
    assert 0.35 < reg.validation_score_ < 0.55


@pytest.mark.slow
def test_sizes_vary_little_between_seeds():
    X, y = load_breast_cancer(return_X_y=True)
    sizes = [SCANNClassifier(random_state=seed).fit(X, y).n_connections_ for seed in range(5)]
    assert max(sizes) <= 20 * min(sizes)
