"""Distillation: what a teacher changes, and what it is asked."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn.estimators._class_problem import distilled_targets
from scann_sklearn.estimators._data import Part
from scann_sklearn.estimators._teacher import fitted_teacher
from scann_sklearn.heads._classes import class_head

from ._helpers import same_network, short


class Witness(ClassifierMixin, BaseEstimator):
    """Says what it is told to, and how it was fitted."""

    seen: list = []

    def __init__(self, probabilities=None):
        self.probabilities = probabilities

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        self.seen.append((len(X), None if sample_weight is None else sample_weight.sum()))
        return self

    def predict_proba(self, X):
        return np.tile(self.probabilities, (len(X), 1))


def targets(teacher, n_samples=6, **parameters):
    """Targets for samples of the classes 0, 1, 2, in turn."""
    clf = short(teacher=teacher, label_smoothing=0.0, **parameters)
    head = class_head(np.array(["a", "b", "c"]))
    y = np.arange(n_samples) % 3
    data = Part(np.zeros((n_samples, 2)), y, np.ones(n_samples))
    fitted = fitted_teacher(teacher, data, head.answers(y), np.random.default_rng(0))
    return distilled_targets(clf, head, data, fitted), np.eye(3)[y]


def test_targets_mix_labels_with_softened_probabilities():
    p = np.array([0.64, 0.32, 0.04])
    mixed, labels = targets(Witness(p), teacher_weight=0.25, teacher_temperature=2.0)
    softened = np.sqrt(p) / np.sqrt(p).sum()
    np.testing.assert_allclose(mixed, 0.75 * labels + 0.25 * softened)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_targets_are_distributions(share, temperature):
    options = {"teacher_weight": share, "teacher_temperature": temperature}
    mixed, labels = targets(Witness([0.0, 0.1, 0.9]), **options)
    np.testing.assert_allclose(mixed.sum(axis=1), 1)
    assert (mixed >= 0).all()
    if share == 0:
        np.testing.assert_allclose(mixed, labels)


def test_a_certain_teacher_changes_nothing_but_the_smoothing():
    p, _ = targets(FrozenEstimator(Witness([1.0, 0.0, 0.0]).fit([[0]] * 3, ["a", "b", "c"])))
    assert p[0] == pytest.approx([1, 0, 0])
    assert p[1] == pytest.approx([0.5, 0.5, 0])


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_teacher_has_an_effect(wine, engine):
    X, y = wine
    teacher = make_pipeline(StandardScaler(), LogisticRegression())
    parameters = {"engine": engine, "n_connections": 40}
    plain = short("C", **parameters).fit(X, y)
    fits = [
        short("C", teacher=teacher, **parameters, **options).fit(X, y)
        for options in ({}, {"teacher_weight": 0.9}, {"teacher_temperature": 8.0})
    ]
    assert not any(same_network(plain, fit) for fit in fits)
    assert not any(same_network(fits[0], fit) for fit in fits[1:])
    assert min(fit.score(X, y) for fit in fits) > 0.7


def test_engines_agree(wine):
    teacher = make_pipeline(StandardScaler(), LogisticRegression())
    a, b = (
        short("C", teacher=teacher, n_connections=60, engine=engine).fit(*wine)
        for engine in ("compiled", "torch")
    )
    X, _ = wine
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-6, atol=1e-9)


def test_two_classes(cancer):
    X, y = cancer
    teacher = RandomForestClassifier(20, random_state=0)
    clf = short(teacher=teacher, n_connections=50).fit(X, y)
    assert clf.n_outputs_ == 1
    assert clf.score(X, y) > 0.9


def test_teacher_sees_the_training_part_and_its_weights(wine):
    X, y = wine
    Witness.seen.clear()
    weight = np.full(len(y), 2.0)
    clf = short(teacher=Witness([0.2, 0.3, 0.5]), n_connections=40, validation_fraction=0.25)
    clf.fit(X, y, sample_weight=weight)
    ((n_rows, total),) = Witness.seen
    assert n_rows == len(y) - int(np.ceil(0.25 * len(y)))
    assert total == 2 * n_rows


def test_teacher_stays_as_it_was(wine):
    forest = RandomForestClassifier(5)
    clf = short(teacher=forest, n_connections=40).fit(*wine)
    assert clf.teacher is forest
    assert not hasattr(forest, "estimators_")
    assert forest.random_state is None


def test_random_state_decides_the_teacher_too(wine):
    def fit(seed):
        teacher = make_pipeline(StandardScaler(), RandomForestClassifier(5))
        return short(teacher=teacher, n_connections=40, random_state=seed).fit(*wine)

    before = np.random.get_state()[1].copy()
    assert same_network(fit(3), fit(3))
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_fitted_teacher_is_used_as_it_is(wine):
    X, y = wine
    teacher = FrozenEstimator(KNeighborsClassifier().fit(X, y))
    a, b = (short(teacher=teacher, n_connections=40).fit(X, y) for _ in range(2))
    assert same_network(a, b)
    assert clone(a).teacher.estimator is teacher.estimator


def test_its_parameters_can_be_searched(wine):
    X, y = wine
    clf = short(teacher=KNeighborsClassifier(), n_connections=40)
    grid = {"teacher__n_neighbors": [1, 5], "teacher_weight": [0.2, 0.8]}
    search = GridSearchCV(clf, grid, cv=2).fit(X, y)
    assert set(search.best_params_) == set(grid)


def test_a_class_that_the_teacher_does_not_know(wine):
    X, y = wine
    known = y < 2
    teacher = FrozenEstimator(KNeighborsClassifier().fit(X[known], y[known]))
    assert short(teacher=teacher, n_connections=40).fit(X, y).score(X, y) > 0.6


def test_a_class_that_only_the_teacher_knows(wine):
    X, y = wine
    teacher = FrozenEstimator(KNeighborsClassifier().fit(X, np.where(y == 2, 7, y)))
    with pytest.raises(ValueError, match=r"teacher knows classes that y lacks: \[7\]"):
        short(teacher=teacher, n_connections=40).fit(X, y)


def test_a_low_temperature_leaves_the_most_probable_class():
    """0.4 to the power of 1000 is zero, but not next to powers that are smaller still."""
    p, _ = targets(Witness([0.35, 0.4, 0.25]), teacher_weight=1.0, teacher_temperature=1e-3)
    np.testing.assert_allclose(p, np.tile([0.0, 1, 0], (6, 1)), atol=1e-50)


@pytest.mark.parametrize("probabilities", [[np.nan, 0.5, 0.5], [0.0, 0.0, 0.0], [-0.5, 0.5, 1.0]])
def test_a_teacher_that_gives_no_probabilities(probabilities):
    words = r"teacher's probabilities for a sample are \[(nan|0.0|-0.5),"
    with pytest.raises(ValueError, match=words):
        targets(Witness(probabilities))


@pytest.mark.parametrize(
    ("probabilities", "message"),
    [
        ([0.25] * 4, r"have the shape \(6, 4\), expected \(6, 3\)\."),
        (["a", "b", "c"], "must be numbers: could not convert string to float: .*a'"),
    ],
)
def test_a_teacher_whose_answer_has_another_shape_or_holds_words(probabilities, message):
    with pytest.raises(ValueError, match=f"The teacher's probabilities {message}"):
        targets(Witness(probabilities))


@pytest.mark.parametrize(
    "bad",
    [{"teacher": "mlp"}, {"teacher_weight": 1.5}, {"teacher_temperature": 0.0}],
    ids=str,
)
def test_bad_parameters(wine, bad):
    ((name, value),) = bad.items()
    with pytest.raises(ValueError, match=f"'{name}'.*{value}"):
        short(**bad).fit(*wine)
