"""A classifier that takes an indicator matrix: several labels a sample."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss, roc_auc_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from scann_sklearn import SCANNClassifier
from scann_sklearn.metrics import EnergyModel

from ._helpers import plain_outputs, same_network, short


@pytest.fixture(scope="module")
def labels():
    return make_multilabel_classification(600, n_classes=4, n_labels=2, random_state=0)


def test_what_is_predicted(labels):
    X, Y = labels
    clf = short(n_connections=60).fit(X, Y)
    mlp = MLPClassifier((5,), max_iter=500, early_stopping=True).fit(X, Y)
    assert clf.predict(X).shape == Y.shape
    assert clf.predict(X).dtype.kind == mlp.predict(X).dtype.kind == "i"
    assert set(np.unique(clf.predict(X))) == {0, 1}
    np.testing.assert_array_equal(clf.classes_, mlp.classes_)
    assert clf.n_outputs_ == mlp.n_outputs_ == 4
    assert clf.out_activation_ == mlp.out_activation_ == "logistic"
    assert get_tags(clf).classifier_tags.multi_label
    p = clf.predict_proba(X)
    assert p.shape == Y.shape
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-plain_outputs(clf, X))), rtol=1e-9)
    np.testing.assert_array_equal(clf.predict(X), p > 0.5)
    np.testing.assert_allclose(np.exp(clf.predict_log_proba(X)), p)
    assert clf.score(X, Y) == (clf.predict(X) == Y).all(axis=1).mean()  # subset accuracy


def test_it_learns_what_a_perceptron_learns(labels):
    X_train, X_test, Y_train, Y_test = train_test_split(*labels, random_state=0)
    clf = SCANNClassifier(random_state=0).fit(X_train, Y_train)
    mlp = make_pipeline(
        StandardScaler(), MLPClassifier(early_stopping=True, max_iter=500, random_state=0)
    ).fit(X_train, Y_train)
    ours, theirs = (
        roc_auc_score(Y_test, model.predict_proba(X_test), average="macro") for model in (clf, mlp)
    )
    assert ours > theirs - 0.02
    assert clf.n_connections_ < 1000  # the perceptron has 2400


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_every_scheme_and_engine(labels, scheme, engine):
    X, Y = labels
    clf = short(scheme, engine=engine, n_connections=80).fit(X, Y)
    assert clf.n_connections_ <= 80
    assert f1_score(Y, clf.predict(X), average="macro") > 0.7


@pytest.mark.parametrize("change", [bool, np.float64, np.uint8, csr_array, list])
def test_forms_of_the_matrix(labels, change):
    X, Y = labels
    if change is list:
        given = Y.tolist()
    elif change is csr_array:
        given = csr_array(Y)
    else:
        given = Y.astype(change)
    validation = {"X_val": X[:50], "y_val": given[:50]}
    one = short().fit(X, given, **validation)
    assert same_network(one, short().fit(X, Y, X_val=X[:50], y_val=Y[:50]))


def test_constant_labels_are_predicted_constant(labels):
    X, Y = labels
    Y = np.column_stack([Y, np.zeros(len(Y)), np.ones(len(Y))]).astype(int)
    clf = short(n_connections=60).fit(X, Y)
    far = np.vstack([X, 1e6 * X, -1e6 * X])
    assert (clf.predict(far)[:, 4:] == [0, 1]).all()
    p = clf.predict_proba(far)
    np.testing.assert_allclose(p[:, 4], 1e-6, rtol=1e-3)
    np.testing.assert_allclose(1 - p[:, 5], 1e-6, rtol=1e-3)
    assert f1_score(Y[:, :4], clf.predict(X)[:, :4], average="macro") > 0.7


def test_weights(labels):
    X, Y = labels
    weight = np.random.default_rng(0).integers(0, 2, len(Y))
    spoilt = np.where(weight[:, None] > 0, Y, 1 - Y)
    one = short().fit(X, spoilt, sample_weight=weight)
    assert same_network(one, short().fit(X[weight > 0], Y[weight > 0]))


def test_balanced_labels():
    """A rare label is found more often where 0 and 1 have the same weight."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 5))
    Y = np.column_stack([X[:, 0] + rng.normal(size=1500) > 2.5, X[:, 1] > 0]).astype(int)
    plain, balanced = (
        short(class_weight=weight, n_connections=20).fit(X, Y).predict(X)[:, 0].mean()
        for weight in (None, "balanced")
    )
    assert balanced > plain
    with pytest.raises(ValueError, match="class_weight={0: 2} is for samples of one class each"):
        short(class_weight={0: 2}).fit(X, Y)


@pytest.mark.parametrize(
    "teacher",
    [
        RandomForestClassifier(30, max_depth=6, random_state=0),  # a list of arrays
        KNeighborsClassifier(20),
        MultiOutputClassifier(LogisticRegression(max_iter=500)),
        MLPClassifier(max_iter=500, early_stopping=True, random_state=0),  # an array
    ],
    ids=lambda teacher: type(teacher).__name__,
)
def test_teachers(labels, teacher):
    X, Y = labels
    only = {"teacher": teacher, "teacher_weight": 1.0, "teacher_temperature": 1.0}
    clf = short(**only, n_connections=80).fit(X, Y)
    taught = copy.deepcopy(teacher).fit(X, Y).predict(X)
    assert f1_score(taught, clf.predict(X), average="macro") > 0.7


def test_a_teacher_that_knows_one_value_of_a_label(labels):
    X, Y = labels
    Y = np.column_stack([Y, np.zeros(len(Y))]).astype(int)
    teacher = RandomForestClassifier(10, max_depth=4, random_state=0)
    clf = short(teacher=teacher, teacher_weight=1.0, n_connections=60).fit(X, Y)
    assert (clf.predict(X)[:, 4] == 0).all()


class Odd(LogisticRegression):
    """A teacher of odd probabilities."""

    said = None

    def fit(self, X, y, sample_weight=None):
        """Learn nothing."""
        self.classes_ = np.arange(y.shape[1])
        return self

    def predict_proba(self, X):
        """Predict."""
        return np.full((len(X), type(self).said[0]), type(self).said[1])


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ((3, 0.5), r"have the shape \(\d+, 3\), expected \(\d+, 4\)"),
        ((4, 1.5), r"probabilities for a sample are \[1.5"),
        ((4, np.nan), r"probabilities for a sample are \[nan"),
    ],
)
def test_teachers_that_say_nothing(labels, monkeypatch, said, message):
    monkeypatch.setattr(Odd, "said", said)
    with pytest.raises(ValueError, match=message):
        short(teacher=Odd()).fit(*labels)


def test_one_class_of_several_in_each_column_is_refused(labels):
    X, Y = labels
    for wrong in (Y + 1, Y * 3, np.column_stack([Y[:, :2], Y.sum(axis=1)])):
        with pytest.raises(ValueError, match=r"labels must be 0 or 1.*MultiOutputClassifier"):
            short().fit(X, wrong)
    with pytest.raises(ValueError, match="continuous"):
        short().fit(X, Y + 0.5)
    with pytest.raises(ValueError, match="y_val has several columns and holds 3"):
        short().fit(X, Y, X_val=X, y_val=Y * 3)
    with pytest.raises(ValueError, match=r"y_val must have the shape \(600, 4\)"):
        short().fit(X, Y, X_val=X, y_val=Y[:, :3])
    with pytest.raises(ValueError, match="y_val"):
        short().fit(X, Y, X_val=X, y_val=Y[:, 0])
    with pytest.raises(ValueError, match="y_val"):
        short().fit(X, Y[:, 0], X_val=X, y_val=Y)


def test_warm_starts(labels):
    X, Y = labels
    clf = short(warm_start=True, n_connections=80).fit(X, Y)
    clf.set_params(n_connections=40).fit(X, Y)
    assert clf.n_connections_ <= 40
    assert f1_score(Y, clf.predict(X), average="macro") > 0.7
    with pytest.raises(ValueError, match="continues with 4 labels, but y has 3"):
        clf.fit(X, Y[:, :3])
    with pytest.raises(ValueError, match="continues with 4 labels, but y has classes"):
        clf.fit(X, Y[:, 0])
    classes = short(warm_start=True).fit(X, Y.sum(axis=1).clip(0, 2))
    with pytest.raises(ValueError, match="continues with 3 classes, but y has 4 labels"):
        classes.fit(X, Y)


def test_with_companions(labels):
    X, Y = labels
    pipe = make_pipeline(StandardScaler(), short())
    search = GridSearchCV(
        pipe, {"scannclassifier__n_connections": [20, 40]}, scoring="f1_macro", cv=2
    ).fit(X, Y)
    assert search.best_score_ > 0.6
    clf = search.best_estimator_[-1]
    counts = EnergyModel().operations(clf)
    assert counts.comparisons == clf.n_hidden_ + 4
    assert "Outputs (4 labels)" in str(clf.summary())
    assert "SCANNClassifier" in pipe._repr_html_()


def test_scorers(labels):
    X, Y = labels

    def of_the_first(clf, X, y):
        return -log_loss(y[:, 0], clf.predict_proba(X)[:, 0])

    for scoring in ("f1_micro", "roc_auc", of_the_first):
        assert np.isfinite(short(scoring=scoring).fit(X, Y).validation_score_)
