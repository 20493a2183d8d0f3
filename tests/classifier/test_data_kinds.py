"""Kinds of data that work: dtypes, containers, labels, layouts and degenerate samples."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.model_selection import train_test_split

from ._helpers import same_network, short


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("data", ["iris", "cancer"])
@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_the_dtype_follows_x(request, data, dtype, engine):
    X, y = request.getfixturevalue(data)
    classifier = short("C", hidden_layer_sizes=(6, 4), engine=engine).fit(X.astype(dtype), y)
    assert classifier.weights_.dtype == classifier.biases_.dtype == dtype
    for point in classifier.path_:
        assert point.weights.dtype == point.biases.dtype == dtype
    assert classifier.predict_proba(X).dtype == dtype
    assert classifier.predict_log_proba(X).dtype == dtype
    assert classifier.score(X, y) > 0.6


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.int16, object])
def test_other_numbers_become_float64(digits, dtype):
    X, y = digits[0][:300], digits[1][:300]
    classifier = short().fit(X.astype(dtype), y)
    assert classifier.weights_.dtype == np.float64
    assert same_network(classifier, short().fit(X, y))


def test_bool_features(digits):
    X, y = digits[0] > 8, digits[1] % 2
    assert short().fit(X, y).score(X, y) > 0.8


def test_lists(iris):
    X, y = iris
    classifier = short().fit(X.tolist(), y.tolist())
    assert same_network(classifier, short().fit(X, y))
    assert classifier.predict(X.tolist()).shape == y.shape


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_data_frame(iris, frame):
    X, y = iris
    names = ["a", "b", "c", "d"]
    table = frame(dict(zip(names, X.T, strict=True)))
    classifier = short().fit(table, y, X_val=table, y_val=y)
    assert classifier.feature_names_in_.tolist() == names
    np.testing.assert_array_equal(
        classifier.predict_proba(table),
        short().fit(X, y, X_val=X, y_val=y).predict_proba(X),
    )
    with pytest.raises(ValueError, match="feature names"):
        classifier.predict(frame(dict(zip("abce", X.T, strict=True))))
    assert classifier.select(max_loss=1).feature_names_in_.tolist() == names


def test_no_feature_names_without_a_frame(fitted_iris):
    assert not hasattr(fitted_iris, "feature_names_in_")


LABELS = {
    "string": np.array(["setosa", "versicolor", "virginica"]),
    "object": np.array(["setosa", "versicolor", "virginica"], dtype=object),
    "negative": np.array([-7, 0, 30]),
    "float": np.array([1.0, 2.0, 3.0]),
    "uint8": np.array([3, 4, 200], dtype=np.uint8),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels(iris, fitted_iris, kind):
    X, y = iris
    labels = LABELS[kind]
    classifier = short().fit(X, labels[y])
    np.testing.assert_array_equal(classifier.classes_, labels)
    assert classifier.classes_.dtype == labels.dtype
    predicted = classifier.predict(X)
    assert predicted.dtype == labels.dtype
    np.testing.assert_array_equal(predicted, labels[fitted_iris.predict(X)])
    assert classifier.score(X, labels[y]) == fitted_iris.score(X, y)


@pytest.mark.parametrize("labels", [[False, True], ["no", "yes"], [-1, 1], [0.0, 1.0]])
def test_two_labels(cancer, fitted_cancer, labels):
    X, y = cancer
    labels = np.array(labels)
    classifier = short().fit(X, labels[y], X_val=X, y_val=labels[y])
    assert classifier.predict(X).dtype == labels.dtype
    np.testing.assert_array_equal(classifier.classes_, labels)
    assert classifier.score(X, labels[y]) > 0.9


def test_pandas_series_of_categories(iris, fitted_iris):
    X, y = iris
    series = pd.Series(np.array(["a", "b", "c"])[y], dtype="category")
    assert short().fit(X, series).score(X, series) == fitted_iris.score(X, y)


def test_column_of_labels_warns(iris):
    with pytest.warns(Warning, match="column-vector"):
        short().fit(iris[0], iris[1][:, np.newaxis])


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


LAYOUTS = {
    "read-only": read_only,
    "Fortran": np.asfortranarray,
    "strided": lambda a: np.repeat(a, 2, axis=0)[::2],
    "reversed": lambda a: a[::-1].copy()[::-1],
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_layout_makes_no_difference(iris, layout, engine):
    X, y = iris
    arrange = LAYOUTS[layout]
    weight = np.arange(150.0)
    parameters = {"n_connections": 30, "engine": engine}
    expected = short("C", **parameters).fit(X, y, weight, X_val=X, y_val=y)
    classifier = short("C", **parameters).fit(
        arrange(X), arrange(y), arrange(weight), X_val=arrange(X), y_val=arrange(y)
    )
    assert same_network(classifier, expected)
    np.testing.assert_array_equal(classifier.predict_proba(arrange(X)), expected.predict_proba(X))


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_the_data_are_not_changed(iris, engine):
    X, y = iris[0].copy(), iris[1].copy()
    weight = np.arange(150.0)
    short("C", engine=engine, class_weight="balanced").fit(X, y, weight, X_val=X, y_val=y)
    np.testing.assert_array_equal(X, iris[0])
    np.testing.assert_array_equal(y, iris[1])
    np.testing.assert_array_equal(weight, np.arange(150.0))


@pytest.mark.parametrize("scaling", ["standard", "robust", "range", None])
@pytest.mark.parametrize("value", [0.0, 1.0, -3e5, 1e30, 1e-30])
def test_constant_features(iris, scaling, value):
    X, y = iris
    value = value if scaling else np.clip(value, -1, 1)  # nothing tames a huge one there
    X = np.hstack([X, np.full((len(X), 2), value)])
    classifier = short(input_scaling=scaling).fit(X, y)
    assert np.isfinite(classifier.weights_.data).all()
    assert classifier.score(X, y) > 0.6


@pytest.mark.parametrize("scaling", ["standard", "robust", "range", None])
def test_all_features_constant(scaling):
    X, y = np.ones((30, 3)), np.repeat([0, 1], [20, 10])
    classifier = short(input_scaling=scaling).fit(X, y)
    assert classifier.score(X, y) == pytest.approx(2 / 3)


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_one_feature(iris, scheme):
    X, y = iris[0][:, 2:3], iris[1]
    classifier = short(scheme, hidden_layer_sizes=(4, 3)).fit(X, y)
    assert classifier.get_support().tolist() == [True]
    assert classifier.score(X, y) > 0.5


def test_duplicate_rows(iris):
    X, y = np.repeat(iris[0][::10], 20, axis=0), np.repeat(iris[1][::10], 20)
    assert short().fit(X, y).score(X, y) > 0.7


def test_same_rows_with_different_labels(iris):
    X, y = np.repeat(iris[0][:75], 2, axis=0), np.tile([0, 1], 75)
    classifier = short().fit(X, y)
    assert classifier.score(X, y) == 0.5


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("n_rows", [2, 3, 5])
def test_hardly_any_rows(iris, scheme, n_rows):
    rows = np.linspace(0, 149, n_rows).astype(int)
    X, y = iris[0][rows], iris[1][rows]
    classifier = short(scheme).fit(X, y)
    assert set(classifier.predict(X)) <= set(y)


def test_class_of_one_sample(digits):
    X, y = digits
    y = y.copy()
    y[7] = 99
    classifier = short().fit(X, y)
    assert classifier.classes_[-1] == 99
    # no split: the training score judges
    chosen = [p for p in classifier.path_ if p.n_connections == classifier.n_connections_]
    assert chosen[0].validation_score == classifier.score(X, y)


def test_every_class_of_one_sample(iris):
    X = iris[0][:40]
    with pytest.warns(UserWarning, match="number of unique classes"):  # scikit-learn's
        classifier = short().fit(X, np.arange(40))
    assert len(classifier.classes_) == 40
    assert classifier.predict_proba(X).shape == (40, 40)


def test_labels_unseen_in_training_count_as_errors(iris):
    X, y = iris
    classifier = short().fit(X[:100], y[:100])
    right = classifier.predict(X) == y
    assert not right[100:].any()
    assert classifier.score(X, y) == right.mean()
    names = np.array(["a", "b", "new"])[y]
    classifier.fit(X[:100], names[:100])
    assert classifier.score(X, names) == (classifier.predict(X) == names).mean() <= 2 / 3


def test_labels_unseen_in_training_within_cross_validation(iris):
    # unshuffled folds: a whole class is missing from each training part
    from sklearn.model_selection import KFold, cross_val_score

    scores = cross_val_score(short(), *iris, cv=KFold(3), error_score="raise")
    np.testing.assert_array_equal(scores, 0)


def test_many_classes_and_a_split(digits):
    X, y = digits
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    classifier = short(hidden_layer_sizes=(20,)).fit(X_train, y_train)
    assert classifier.n_outputs_ == 10
    assert classifier.score(X_test, y_test) > 0.8
