"""Prices of what is not fitted are those of what is."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from scann_sklearn import (
    Conv2d,
    ConvFrontEnd,
    DimReducer,
    EarlyExitClassifier,
    SCANNClassifier,
    SCANNRegressor,
)
from scann_sklearn.model_selection._planned import Data
from scann_sklearn.model_selection._prices import METERS, Prices, head_of
from tests.classifier._helpers import short

IRIS, CANCER = load_iris(return_X_y=True), load_breast_cancer(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)
LABELS = (IRIS[0], np.eye(3, dtype=int)[IRIS[1]])

# few iterations: prices don't depend on the weights
MLP = {"max_iter": 3, "solver": "lbfgs", "random_state": 0}
few_iterations = pytest.mark.filterwarnings("ignore:.*lbfgs failed to converge")


def price(cost, estimator, X, y, **params):
    X = np.asarray(X)
    data = Data(len(X), X.shape[1:], head_of(estimator, y))
    return Prices(cost, estimator, data).of(params)


@few_iterations
@pytest.mark.parametrize("cost", METERS)
@pytest.mark.parametrize(
    ("estimator", "data"),
    [
        (MLPClassifier((7, 5), **MLP), IRIS),
        (MLPClassifier(9, activation="tanh", **MLP), CANCER),
        (MLPClassifier((7,), **MLP), LABELS),
        (MLPRegressor(hidden_layer_sizes=(7,), **MLP), DIABETES),
        (make_pipeline(StandardScaler(), MLPClassifier((4,), **MLP)), IRIS),
        (make_pipeline(MinMaxScaler(clip=True), PCA(2), MLPClassifier((4,), **MLP)), IRIS),
        (make_pipeline(DimReducer(ratio=4), MLPClassifier((4,), **MLP)), CANCER),
        (make_pipeline(DimReducer("gaussian_rp", n_components=3), Ridge()), DIABETES),
        (make_pipeline(SimpleImputer(), StandardScaler(), MLPClassifier((4,), **MLP)), IRIS),
        (make_pipeline(SelectKBest(k=3), "passthrough", LogisticRegression(max_iter=500)), IRIS),
    ],
    ids=lambda value: "" if isinstance(value, tuple) else None,
)
def test_prices_are_measures(cost, estimator, data):
    fitted = estimator.fit(*data)
    assert price(cost, estimator, *data) == pytest.approx(METERS[cost](fitted))


@pytest.mark.parametrize("cost", METERS)
@pytest.mark.parametrize("method", ["spectral_embedding", "isomap", "sparse_rp"])
def test_other_reductions(cost, method):
    reducer = DimReducer(method, n_components=2, n_landmarks=30, random_state=0)
    pipe = make_pipeline(reducer, LogisticRegression(max_iter=2000))
    measured = METERS[cost](pipe.fit(*CANCER))
    near = 0.3 if method == "sparse_rp" else 1e-9  # how many zeros are drawn is chance
    assert price(cost, pipe, *CANCER) == pytest.approx(measured, rel=near)


def test_a_bound_is_the_price():
    assert price("connections", SCANNClassifier(), *IRIS, n_connections=55) == 55
    pipe = make_pipeline(DimReducer(n_components=2), SCANNClassifier((10,)))
    params = {"scannclassifier__n_connections": 20, "scannclassifier__scheme": "B"}
    assert price("connections", pipe, *IRIS, **params) == 4 * 2 + 20
    fitted = short(n_connections=40).fit(*IRIS)
    for cost, meter in METERS.items():
        assert meter(fitted) <= price(cost, short(n_connections=40), *IRIS)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, 4 * 100 + 100 * 3),
        ({"hidden_layer_sizes": (5, 4)}, 4 * 5 + 5 * 4 + 4 * 3),
        ({"hidden_layer_sizes": (5,), "scheme": "B"}, 5 * 4 + 10 + 3 * 9),
        ({"hidden_layer_sizes": (5, 4), "n_connections": 0.5}, 26),
        ({"hidden_layer_sizes": (2,), "n_connections": 999}, 14),
    ],
)
def test_without_a_bound_all_that_is_allowed(parameters, expected):
    assert price("connections", SCANNClassifier(), *IRIS, **parameters) == expected


def test_convolutions_have_a_bound_too():
    X, y = load_digits(return_X_y=True)
    images, front_end = X.reshape(-1, 1, 8, 8), ConvFrontEnd([Conv2d(3, 3)])
    clf = SCANNClassifier(front_end=front_end, hidden_layer_sizes=(5,))
    assert price("connections", clf, images, y, n_connections=200) == 200
    whole = 3 * 9 + 3 * 36 * 5 + 5 * 10
    assert price("connections", clf, images, y) == whole
    with pytest.raises(TypeError, match="cost='energy' can't price convolutions"):
        price("energy", clf, images, y)


@pytest.mark.parametrize(
    ("y", "n_outputs"),
    [(IRIS[1], 3), (CANCER[1], 1), (LABELS[1], 3), (IRIS[1].astype(str), 3), ([0, 1, 1], 1)],
)
def test_outputs_of_classes_and_labels(y, n_outputs):
    assert head_of(SCANNClassifier(), y).n_outputs == n_outputs


@pytest.mark.parametrize(("y", "n_outputs"), [(DIABETES[1], 1), (LABELS[1], 3), (None, 1)])
def test_outputs_of_values(y, n_outputs):
    assert head_of(SCANNRegressor(), y).n_outputs == n_outputs


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0, -1.0, None, "much", True])
def test_what_is_no_price(bad):
    with pytest.raises(ValueError, match=rf"above 0, got {bad!r} for the candidate .*'C': 2"):
        price(lambda *args: bad, LogisticRegression(), *IRIS, C=2)


def test_a_price_of_one_s_own():
    seen = []

    def cost(estimator, n_features, n_outputs):
        seen.append((estimator.C, n_features, n_outputs, hasattr(estimator, "coef_")))
        return np.float32(3)

    assert price(cost, LogisticRegression(max_iter=500).fit(*IRIS), *IRIS, C=5) == 3
    assert seen == [(5, 4, 3, False)]


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (RandomForestClassifier(), "Can't price RandomForestClassifier before it is fitted"),
        (make_pipeline(PCA(0.9), LogisticRegression()), r"Can't price PCA\(n_components=0.9\)"),
        (make_pipeline(SimpleImputer(add_indicator=True), Ridge()), "Can't price SimpleImputer"),
        (EarlyExitClassifier(), "Can't price an EarlyExitClassifier before it is fitted"),
    ],
)
def test_what_can_t_be_priced(estimator, message):
    with pytest.raises(TypeError, match=message):
        price("connections", estimator, *IRIS)


def test_a_cost_that_needs_a_fit():
    def cost(estimator, n_features, n_outputs):
        raise NotFittedError("not fitted yet")

    with pytest.raises(ValueError, match="needs a fitted estimator.*not fitted yet"):
        price(cost, LogisticRegression(), *IRIS)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (make_pipeline(DimReducer(ratio=5), Ridge()), "leaves no component of 4"),
        (make_pipeline(PCA(9), Ridge()), r"PCA\(n_components=9\) asks for more"),
        (SCANNClassifier(n_connections=2), "too small: reaching every output"),
    ],
)
def test_parameters_that_don_t_fit(estimator, message):
    with pytest.raises(ValueError, match=message):
        price("connections", estimator, *IRIS)
