"""Which data judge checkpoints, by which score."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, get_scorer, make_scorer
from sklearn.model_selection import train_test_split

from ._helpers import same_network, short


class Recorder:
    """Scorer that remembers on what it was called first; the training data may follow."""

    def __call__(self, estimator, X, y, sample_weight=None):
        if not hasattr(self, "X"):
            self.X, self.y, self.sample_weight = X, y, sample_weight
        return estimator.score(X, y, sample_weight)


def validation_rows(X, y, **parameters):
    recorder = Recorder()
    short(scoring=recorder, n_connections=60, **parameters).fit(X, y)
    return recorder


@pytest.mark.parametrize(("fraction", "expected"), [(0.1, 180), (0.25, 450), (0.5, 899)])
def test_size_of_the_validation_part(digits, fraction, expected):
    X, y = digits
    recorder = validation_rows(X, y, validation_fraction=fraction)
    assert recorder.X.shape == (expected, 64)
    assert recorder.sample_weight is None
    counts = np.bincount(recorder.y) / expected
    np.testing.assert_allclose(counts, np.bincount(y) / len(y), atol=0.01)  # stratified


@pytest.mark.parametrize(
    ("n_rows", "fraction", "expected"),
    [(90, 0.1, 90), (99, 0.1, 10), (100, 0.1, 10), (30, 0.3, 30), (40, 0.25, 10)],
)
def test_no_split_below_ten_validation_rows(iris, n_rows, fraction, expected):
    rows = np.random.default_rng(0).permutation(150)[:n_rows]
    recorder = validation_rows(iris[0][rows], iris[1][rows], validation_fraction=fraction)
    assert len(recorder.X) == expected


def test_no_split_where_a_class_has_one_row(digits):
    X, y = digits[0], digits[1].copy()
    y[3] = 77
    assert len(validation_rows(X, y).X) == len(X)
    y[4] = 77
    assert len(validation_rows(X, y).X) == 180


def test_no_split_where_not_every_class_fits_in(iris):
    X, y = np.repeat(iris[0], 2, axis=0)[:120], np.repeat(np.arange(30), 4)
    assert len(validation_rows(X, y).X) == 120


def test_validation_rows_are_not_trained_on(digits):
    X, y = digits
    X = np.hstack([np.arange(len(X))[:, np.newaxis], X])  # number the rows
    trained = []

    class Callback:
        def setup(self, estimator, context): ...
        def teardown(self, estimator, context): ...
        def on_fit_task_begin(self, estimator, context): ...

        def on_fit_task_end(self, estimator, context, *, X=None, y=None):
            trained.append(X)

    recorder = Recorder()
    short(scoring=recorder, n_connections=60).set_callbacks(Callback()).fit(X, y)
    train, validation = set(trained[0][:, 0]), set(recorder.X[:, 0])
    assert not train & validation
    assert len(train | validation) == len(X)


def test_given_validation_data_are_used_and_nothing_is_set_aside(wine):
    X, y = wine
    X_train, X_val, y_train, y_val = train_test_split(X, y, random_state=0)
    recorder = Recorder()
    classifier = short(scoring=recorder).fit(X_train, y_train, X_val=X_val, y_val=y_val)
    np.testing.assert_array_equal(recorder.X, X_val)
    np.testing.assert_array_equal(recorder.y, y_val)
    best = classifier.select(max_loss=0)
    assert best.score(X_val, y_val) == classifier.path_[-1].validation_score
    # the split's generator plays no role then
    fraction = short(scoring=Recorder(), validation_fraction=0.4)
    fraction.fit(X_train, y_train, X_val=X_val, y_val=y_val)
    assert same_network(classifier, fraction)


def test_validation_data_decide(wine):
    X, y = wine
    a = short().fit(X, y, X_val=X, y_val=y)
    b = short().fit(X, y, X_val=X, y_val=np.roll(y, 60))
    scores = [[p.validation_score for p in c.path_] for c in (a, b)]
    assert max(scores[0]) > max(scores[1])


def test_validation_data_with_some_of_the_classes(iris):
    X, y = iris
    classifier = short().fit(X, y, X_val=X[:100], y_val=y[:100])
    assert classifier.select(max_loss=0).score(X[:100], y[:100]) == (
        classifier.path_[-1].validation_score
    )


@pytest.mark.parametrize(
    "scoring",
    ["accuracy", "neg_log_loss", "balanced_accuracy", "roc_auc_ovr", "f1_macro", "top_k_accuracy"],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_scorers_by_name(iris, scoring, weighted):
    X, y = iris
    weight = np.random.default_rng(0).uniform(0.5, 1.5, len(y)) if weighted else None
    classifier = short(scoring=scoring).fit(X, y, X_val=X, y_val=y, sample_weight_val=weight)
    scorer = get_scorer(scoring)
    for point in classifier.path_:
        chosen = classifier.select(n_connections=point.n_connections)
        expected = scorer(chosen, X, y, sample_weight=weight) if weighted else scorer(chosen, X, y)
        assert point.validation_score == pytest.approx(expected, rel=1e-9)


def test_probabilistic_scorer_of_two_classes(cancer):
    X, y = cancer
    for scoring in ("roc_auc", "neg_brier_score", "average_precision"):
        classifier = short(scoring=scoring, n_connections=40).fit(X, y, X_val=X, y_val=y)
        expected = get_scorer(scoring)(classifier, X, y)
        assert classifier.select(n_connections=40).path_[-1].validation_score >= expected - 1e-12


def test_scorer_objects_and_functions(iris):
    X, y = iris
    scorer = make_scorer(f1_score, average="macro")
    by_object = short(scoring=scorer).fit(X, y)
    assert same_network(by_object, short(scoring="f1_macro").fit(X, y))

    def error(estimator, X, y):
        return -(estimator.predict(X) != y).sum()

    classifier = short(scoring=error).fit(X, y, X_val=X, y_val=y)
    best = classifier.select(max_loss=0)
    assert classifier.path_[-1].validation_score == -(best.predict(X) != y).sum()


def test_function_that_takes_no_weights(iris):
    def score(estimator, X, y):
        return accuracy_score(y, estimator.predict(X))

    with pytest.raises((TypeError, ValueError), match="sample_weight"):
        short(scoring=score).fit(*iris, sample_weight=np.arange(150.0))


def test_the_scorer_sees_the_labels_of_the_user(iris):
    names = np.array(["a", "b", "c"])[iris[1]]
    recorder = Recorder()
    short(scoring=recorder).fit(iris[0], names, X_val=iris[0], y_val=names)
    np.testing.assert_array_equal(recorder.y, names)


def test_a_fit_that_fails_leaves_nothing_of_the_one_before(wine):
    classifier = short().fit(*wine)
    with pytest.raises(ValueError, match="inconsistent numbers"):
        classifier.fit(wine[0], wine[1][:-1])
    assert {name for name in vars(classifier) if name.endswith("_")} <= {"n_features_in_"}
