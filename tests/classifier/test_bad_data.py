"""Data that can't be learned from: the error says what is wrong with which argument."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from scann_sklearn import DimReducer

from ._helpers import same_network, short


@pytest.mark.parametrize(("value", "name"), [(np.nan, "NaN"), (np.inf, "infinity")])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_x_not_finite(iris, fitted_iris, value, name, dtype):
    X, y = iris[0].astype(dtype), iris[1]
    X[3, 2] = value
    with pytest.raises(ValueError, match=f"X contains {name}"):
        short().fit(X, y)
    with pytest.raises(ValueError, match=f"X contains {name}"):
        fitted_iris.predict(X)
    with pytest.raises(ValueError, match=f"X.* contains {name}"):
        short().fit(*iris, X_val=X, y_val=y)


@pytest.mark.parametrize("label", [1, "spam", True, 2.0])
def test_one_class(iris, label):
    with pytest.raises(ValueError, match=f"one class: .*{label}"):
        short().fit(iris[0], np.full(150, label))


def test_one_row(iris):
    with pytest.raises(ValueError, match="1 sample|one class"):
        short().fit(iris[0][:1], iris[1][:1])


def test_no_rows(iris, fitted_iris):
    with pytest.raises(ValueError, match=r"0 sample"):
        short().fit(iris[0][:0], iris[1][:0])
    with pytest.raises(ValueError, match=r"0 sample"):
        fitted_iris.predict(iris[0][:0])


def test_zero_features(iris):
    with pytest.raises(ValueError, match=r"0 feature\(s\)"):
        short().fit(iris[0][:, :0], iris[1])


def test_continuous_labels(iris):
    with pytest.raises(ValueError, match=r"Unknown label type: continuous"):
        short().fit(iris[0], iris[1] + 0.5 * iris[0][:, 0])


@pytest.mark.parametrize("y", [np.arange(300).reshape(150, 2) % 3, None])
def test_labels_of_another_form(iris, y):
    with pytest.raises(ValueError, match=r"\by\b|label"):
        short().fit(iris[0], y)


def test_missing_labels(iris):
    y = iris[1].astype(float)
    y[3] = np.nan
    with pytest.raises(ValueError, match="y contains NaN"):
        short().fit(iris[0], y)


def test_missing_labels_in_y_val(iris):
    y_val = iris[1].astype(float)
    y_val[3] = np.nan
    with pytest.raises(ValueError, match="y_val.*(NaN|nan)"):
        short().fit(*iris, X_val=iris[0], y_val=y_val)


def test_mismatched_lengths(iris):
    X, y = iris
    with pytest.raises(ValueError, match=r"\[150, 149\]"):
        short().fit(X, y[:-1])
    with pytest.raises(ValueError, match="X_val has 149 samples, but y_val has 150"):
        short().fit(X, y, X_val=X[1:], y_val=y)


def test_validation_data_of_other_features(iris):
    X, y = iris
    with pytest.raises(ValueError, match="X_val has 3 features, but X has 4"):
        short().fit(X, y, X_val=X[:, 1:], y_val=y)


def test_one_dimensional_x(iris, fitted_iris):
    with pytest.raises(ValueError, match="2D array"):
        short().fit(iris[0][:, 0], iris[1])
    with pytest.raises(ValueError, match="2D array"):
        fitted_iris.predict(iris[0][0])


def test_complex_x(iris):
    with pytest.raises(ValueError, match=r"[Cc]omplex"):
        short().fit(iris[0] * 1j, iris[1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X_val": 1}, "y_val is None"),
        ({"y_val": 1}, "X_val is None"),
        ({"sample_weight_val": 1}, "sample_weight_val is given without X_val and y_val"),
    ],
)
def test_incomplete_validation_data(iris, arguments, message):
    parts = {"X_val": iris[0], "y_val": iris[1], "sample_weight_val": np.ones(150)}
    with pytest.raises(ValueError, match=message):
        short().fit(*iris, **{name: parts[name] for name in arguments})


def test_labels_in_y_val_that_y_lacks(iris):
    X, y = iris
    with pytest.raises(ValueError, match=r"y_val has labels that y lacks: \[2\]"):
        short().fit(X[:100], y[:100], X_val=X, y_val=y)
    names = np.array(["zero", "one", "two"])[y]
    with pytest.raises(ValueError, match=r"y_val has labels that y lacks: \['two'\]"):
        short().fit(X[:100], names[:100], X_val=X, y_val=names)


def test_y_val_of_another_type(iris):
    X, y = iris
    with pytest.raises((TypeError, ValueError), match="y_val"):
        short().fit(X, y, X_val=X, y_val=np.array(["a", "b", "c"])[y])


def test_x_val_with_other_features(iris):
    X, y = iris
    with pytest.raises(ValueError, match=r"X_val.*3 features|3 features.*4 features"):
        short().fit(X, y, X_val=X[:, :3], y_val=y)


@pytest.mark.parametrize("name", ["sample_weight", "sample_weight_val"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros(150), "zero"),
        (np.append(np.ones(149), -1), "[Nn]egative"),
        (np.append(np.ones(149), np.nan), "NaN"),
        (np.ones(149), r"149"),
        (np.ones((150, 2)), r"1D|2D|1-dimensional"),
        (np.full(150, 1j), "Complex data not supported"),
        (np.nan, "finite numbers .* got nan"),
        (True, "finite numbers .* got True"),
    ],
    ids=["zero", "negative", "NaN", "length", "matrix", "complex", "a NaN", "True"],
)
def test_sample_weight(iris, name, value, message):
    X, y = iris
    validation = {"X_val": X, "y_val": y} if name.endswith("val") else {}
    with pytest.raises(ValueError, match=f"(?s)[Ss]ample.weight.*{message}|{message}.*weight"):
        short().fit(X, y, **validation, **{name: value})


def test_sample_weight_beyond_the_largest_number(iris):
    with pytest.raises(ValueError, match=r"adds up to inf; the largest is 1e\+308"):
        short().fit(*iris, sample_weight=np.full(150, 1e308))
    with pytest.raises(ValueError, match="sample_weight, with class_weight, adds up to inf"):
        short(class_weight={0: 1e308}).fit(*iris)


def test_balanced_classes_of_which_one_has_no_weight(iris):
    with pytest.raises(ValueError, match=r"class_weight='balanced' needs .* the classes \[2\]"):
        short(class_weight="balanced").fit(*iris, sample_weight=iris[1] < 2)


def test_sample_weight_that_leaves_one_class(iris):
    with pytest.raises(ValueError, match="one class: .*1"):
        short().fit(*iris, sample_weight=iris[1] == 1)


@pytest.mark.parametrize(
    "method", ["predict", "predict_proba", "predict_log_proba", "select", "get_support", "to_torch"]
)
def test_not_fitted(iris, method):
    arguments = [iris[0]] if method.startswith("predict") else []
    with pytest.raises(NotFittedError, match="SCANNClassifier"):
        getattr(short(), method)(*arguments)
    with pytest.raises(NotFittedError, match="SCANNClassifier"):
        short().score(*iris)


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_wrong_number_of_features(iris, fitted_iris, method):
    with pytest.raises(ValueError, match="3 features, but SCANNClassifier is expecting 4 features"):
        getattr(fitted_iris, method)(iris[0][:, :3])


def test_a_failed_fit_leaves_nothing_fitted(iris):
    classifier = short()
    with pytest.raises(ValueError, match="y_val has labels"):
        classifier.fit(*iris, X_val=iris[0], y_val=iris[1] + 1)
    with pytest.raises(NotFittedError):
        classifier.predict(iris[0])


DAYS = np.datetime64("2024-01-01", "D") + np.arange(600).reshape(150, 4)
DATES = {
    "dates": DAYS,
    "nanoseconds": DAYS.astype("datetime64[ns]"),
    "durations": DAYS - DAYS[0, 0],
    "list": [list(row) for row in DAYS],
    "frame": pd.DataFrame(DAYS.astype("datetime64[ns]")),
    "one column": pd.DataFrame({"a": np.arange(150.0), "day": DAYS[:, 0].astype("datetime64[ns]")}),
    "time zone": pd.DataFrame(DAYS.astype("datetime64[ns]")).apply(
        lambda c: c.dt.tz_localize("CET")
    ),
}


@pytest.mark.parametrize("kind", list(DATES))
def test_dates_are_no_numbers(iris, fitted_iris, kind):
    X, dates = iris[0], DATES[kind]
    with pytest.raises(TypeError, match="^X holds dates or times"):
        short().fit(dates, iris[1])
    with pytest.raises(TypeError, match="^X holds dates or times"):
        fitted_iris.predict(dates)
    with pytest.raises(TypeError, match="^X_val holds dates or times"):
        short().fit(*iris, X_val=dates, y_val=iris[1])
    with pytest.raises(TypeError, match="^X holds dates or times"):
        DimReducer().fit(dates)
    with pytest.raises(TypeError, match="^X holds dates or times"):
        DimReducer().fit(X).transform(dates)


def test_masked_entries(iris, fitted_iris):
    X, y = iris
    masked_X, masked_y = np.ma.array(X, copy=True), np.ma.array(y, copy=True)
    weight = np.ma.ones(150)
    masked_X[3, 2] = masked_y[5] = weight[7] = np.ma.masked
    masked_names = np.ma.array(np.array(["a", "b", "c"])[y], mask=masked_y.mask)
    for arguments in ((masked_X, y), (X, masked_y), (X, masked_names), (X, y, weight)):
        with pytest.raises(ValueError, match="^(X|y|sample_weight) has 1 masked entries"):
            short().fit(*arguments)
    for name, arguments in (
        ("X_val", {"X_val": masked_X, "y_val": y}),
        ("y_val", {"X_val": X, "y_val": masked_y}),
        ("sample_weight_val", {"X_val": X, "y_val": y, "sample_weight_val": weight}),
    ):
        with pytest.raises(ValueError, match=f"^{name} has 1 masked entries"):
            short().fit(X, y, **arguments)
    with pytest.raises(ValueError, match="^X has 1 masked entries"):
        fitted_iris.predict(masked_X)


def test_masked_arrays_without_masked_entries(iris):
    X, y = iris
    masked = short().fit(np.ma.array(X), np.ma.array(y), X_val=np.ma.array(X), y_val=np.ma.array(y))
    plain = short().fit(X, y, X_val=X, y_val=y)
    assert same_network(masked, plain)
    assert type(masked.predict(X)) is np.ndarray
    np.testing.assert_array_equal(masked.predict(np.ma.array(X)), plain.predict(X))
