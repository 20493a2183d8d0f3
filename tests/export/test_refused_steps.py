"""Samples, steps and arrays that no program takes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OrdinalEncoder,
    StandardScaler,
)

from scann_sklearn.export import SparseModel, to_c
from scann_sklearn.export._program_of import program_of
from scann_sklearn.model._front import Front
from scann_sklearn.model._program import Program
from tests.classifier._helpers import short
from tests.export._classes import assert_same_classes
from tests.export._preparations import PREPARATIONS, one_hot


def test_which_samples_may_have_missing_values(table):
    X, y = table
    X = np.where(np.arange(X.shape[1]) < 4, X, np.nan_to_num(X))
    transformer = make_column_transformer((SimpleImputer(), [0, 1, 2, 3]), remainder="passthrough")
    model = make_pipeline(transformer, short()).fit(X, y)
    found = SparseModel.from_estimator(model)
    np.testing.assert_allclose(found.predict_proba(X), model.predict_proba(X), atol=1e-9)
    sample, copied = X[:1].copy(), int(model[-1].get_support(indices=True).max())
    assert copied >= 4
    sample[0, copied] = np.nan
    with pytest.raises(ValueError, match=f"X holds nan in row 0, feature {copied}"):
        found.predict(sample)
    sample[0, copied], sample[0, 0] = 0, np.inf
    with pytest.raises(ValueError, match="X holds inf in row 0, feature 0"):
        found.predict(sample)


def test_single_precision_compares_categories_in_single_precision(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.choice(np.array([0.1, 0.2, 0.7], np.float32), size=(150, 2))
    y = (X[:, 0] > 0.15) * 1 + (X[:, 1] > 0.15)
    model = make_pipeline(one_hot(dtype=np.float32), short()).fit(X, y)
    found = SparseModel.from_estimator(model).predict_proba(X)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, model.predict_proba(X), atol=1e-5)
    assert_same_classes(to_c(model, tmp_path / "net.h").predict(X), model, X)


# --------------------------------------------------------------------------------------- refusals


def _codes(values):
    rng = np.random.default_rng(0)
    X = rng.choice(np.array(values, object if isinstance(values[0], str) else None), (90, 1))
    return X, (X[:, 0] == values[0]).astype(int)


@pytest.mark.parametrize(
    ("encoder", "values", "message"),
    [
        (
            one_hot(),
            ["a", "b"],
            r"takes numbers, which 'a' is not, so OneHotEncoder\(.*\) can't be ",
        ),
        (OrdinalEncoder(), ["a", "b"], r"so OrdinalEncoder\(\) can't .* encode strings before"),
        (
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
            [1, 2],
            "can't have NaN as a code, so OrdinalEncoder.* set encoded_missing_value or",
        ),
        (
            SimpleImputer(missing_values=-1),
            [-1, 2],
            r"only NaN stands for a missing value, so SimpleImputer\(missing_values=-1\) can't",
        ),
        (
            MissingIndicator(missing_values=-1),
            [-1, 2],
            "only NaN stands for a missing value, so MissingIndicator",
        ),
        (
            make_pipeline(StandardScaler(), one_hot()),
            [1, 2],
            "compared with raw features, not with computed ones, so OneHotEncoder.* put the",
        ),
        (
            make_pipeline(one_hot(), one_hot()),
            [1, 2],
            "compared with raw features",
        ),
        (FunctionTransformer(np.square), [1, 2], "may compute anything, so FunctionTransformer"),
    ],
)
def test_refused_steps(encoder, values, message):
    X, y = _codes(values)
    model = make_pipeline(encoder, short()).fit(X, y)
    with pytest.raises(ValueError, match=message):
        program_of(model)


def test_steps_that_are_not_known():
    X, y = load_wine(return_X_y=True)
    bins = KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf")
    with pytest.raises(
        TypeError, match="KBinsDiscretizer has no known.*supported ahead.*OneHotEnc"
    ):
        program_of(make_pipeline(make_column_transformer((bins, [0, 1])), short()).fit(X, y))


def test_missing_values_behind_a_mixture_are_refused(table):
    X, y = np.nan_to_num(table[0]), table[1]
    model = make_pipeline(PCA(3), SimpleImputer(), short()).fit(X, y)
    with pytest.raises(ValueError, match="are mixed, .* so SimpleImputer.* fill in .* first"):
        program_of(model)


def test_categories_that_single_precision_confuses(tmp_path):
    X, y = _codes([2.0**24, 2.0**24 + 1])
    model = make_pipeline(one_hot(), short()).fit(X, y)
    found = SparseModel.from_estimator(model).predict_proba(X)
    np.testing.assert_allclose(found, model.predict_proba(X), atol=1e-9)
    with pytest.raises(ValueError, match=r"In float32 categories like 16777216 can't be .*so "):
        to_c(model, tmp_path / "net.h")


def test_integers_are_refused(table, tmp_path):
    X, y = table
    model = make_pipeline(PREPARATIONS["categories"], short()).fit(X, y)
    with pytest.raises(ValueError, match=r"Integers are never NaN.*dtype='int8'.*calibration="):
        to_c(model, tmp_path / "net.h", dtype="int8", calibration=X)
    calibration = model[:-1].transform(X)
    report = to_c(model[-1], tmp_path / "net.h", dtype="int8", calibration=calibration)
    assert np.mean(report.predict(calibration) == model.predict(X)) > 0.9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kinds": np.array([0, 2, 1], np.int8)}, "kinds of the front don't rise"),
        ({"kinds": np.array([0, 1, 3], np.int8)}, "kinds of the front don't rise"),
        ({"kinds": np.zeros(2, np.int8)}, r"kinds of the front is of shape \(2,\)"),
        ({"sources": np.zeros(3)}, "sources of the front is of shape .* float64"),
        ({"sources": np.array([0, 0, 5])}, "the front doesn't read each of 2 inputs"),
        ({"constants": np.array([np.inf, 0, 0])}, "constants of the front are not finite"),
        ({"constants": np.array([0, np.nan, 0])}, "constants of the front are not finite"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change, message):
    front = Front(np.array([0, 1, 0]), np.array([0, 1, 2], np.int8), np.array([2.5, 1, np.nan]))
    program = Program(
        n_features=2,
        n_linear=0,
        n_outputs=1,
        inputs=np.arange(2),
        indptr=np.array([0, 3]),
        sources=np.arange(3),
        weights=np.ones(3),
        biases=np.zeros(1),
        classes=np.arange(2),
        front=front,
    )
    outputs = program.outputs([[0, 1], [np.nan, 1], [np.nan, np.nan]])
    np.testing.assert_array_equal(outputs[:, 0], [1, 4.5, 3.5])
    with pytest.raises(ValueError, match=message):
        replace(program, front=replace(front, **change))
