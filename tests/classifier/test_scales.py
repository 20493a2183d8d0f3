"""Inputs of every scale, the scaling inside and its folding into the network."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest

from scann_sklearn.estimators._scaling import InputScaling

from ._helpers import plain_outputs, short

SCALINGS = ["standard", "robust", "range"]
EXTREMES = [
    (1e30, np.float64),
    (1e-30, np.float64),
    (1e200, np.float64),
    (1e-200, np.float64),
    (1e30, np.float32),
    (1e-30, np.float32),
]


@pytest.mark.parametrize("kind", SCALINGS)
@pytest.mark.parametrize(("scale", "dtype"), EXTREMES)
def test_extreme_scales(iris, kind, scale, dtype):
    X, y = iris[0].astype(dtype), iris[1]
    expected = short(input_scaling=kind).fit(X, y)
    X = X * dtype(scale)
    classifier = short(input_scaling=kind).fit(X, y)
    assert np.isfinite(classifier.weights_.data).all()
    assert np.isfinite(classifier.predict_proba(X)).all()
    assert classifier.score(X, y) == pytest.approx(expected.score(X / dtype(scale), y), abs=0.05)


@pytest.mark.parametrize("kind", SCALINGS)
@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_a_power_of_two_changes_nothing(iris, kind, engine):
    X, y = iris
    factor = 2.0 ** np.array([-60, 0, 7, 60])
    parameters = {"n_connections": 40, "input_scaling": kind, "engine": engine}
    a, b = (short("C", **parameters).fit(Z, y) for Z in (X, X * factor))
    np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(X * factor))


@pytest.mark.parametrize("kind", SCALINGS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mixed_scales(wine, kind, dtype):
    X, y = wine[0].astype(dtype), wine[1]
    X *= np.geomspace(1e-20, 1e20, 13).astype(dtype)
    assert short(input_scaling=kind).fit(X, y).score(X, y) > 0.8


@pytest.mark.parametrize("kind", SCALINGS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1.0, 1e30])
def test_a_feature_constant_up_to_rounding_does_no_harm(iris, kind, dtype, size):
    X, y = iris[0].astype(dtype), iris[1]
    step = np.finfo(dtype).eps * np.random.default_rng(0).integers(-1, 2, len(X))
    X = np.column_stack([X, (size * (1 + step)).astype(dtype)])
    classifier = short(input_scaling=kind).fit(X, y)
    assert classifier.score(X, y) > 0.6


@pytest.mark.parametrize("kind", [*SCALINGS, None])
@pytest.mark.parametrize("data", ["wine", "cancer"])
def test_the_stored_network_takes_raw_x(request, kind, data):
    X, y = request.getfixturevalue(data)
    classifier = short(input_scaling=kind, hidden_layer_sizes=(12,)).fit(X, y)
    z = plain_outputs(classifier, X)
    if classifier.n_outputs_ == 1:
        expected = 1 / (1 + np.exp(-z))
        expected = np.hstack([1 - expected, expected])
    else:
        e = np.exp(z - z.max(axis=1, keepdims=True))
        expected = e / e.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(classifier.predict_proba(X), expected, rtol=1e-6, atol=1e-9)


def scaling_of(X, kind, sample_weight):
    scaling = InputScaling.of(X, kind, sample_weight)
    return scaling.center, scaling.scale


def test_what_the_scalings_are(wine):
    X, one = wine[0], np.ones(178)
    center, scale = scaling_of(X, "standard", one)
    np.testing.assert_allclose(center, X.mean(axis=0))
    np.testing.assert_allclose(scale, X.std(axis=0))
    center, scale = scaling_of(X, "range", one)
    np.testing.assert_allclose((X - center).min(axis=0) / scale, 0, atol=1e-12)
    np.testing.assert_allclose(((X - center) / scale).max(axis=0), 1)
    center, scale = scaling_of(X, "robust", one)
    low, middle, high = np.quantile(X, [0.25, 0.5, 0.75], axis=0, method="inverted_cdf")
    np.testing.assert_allclose(center, middle)
    np.testing.assert_allclose(scale, high - low)
    center, scale = scaling_of(X, None, one)
    np.testing.assert_array_equal(center, 0)
    np.testing.assert_array_equal(scale, 1)


@pytest.mark.parametrize("kind", SCALINGS)
def test_a_weight_is_a_repetition_for_the_scaling(wine, kind):
    X = wine[0]
    weight = np.random.default_rng(0).integers(0, 4, len(X))
    a = scaling_of(X, kind, weight.astype(float))
    b = scaling_of(np.repeat(X, weight, axis=0), kind, np.ones(weight.sum()))
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_robust_scaling_of_a_feature_that_is_mostly_one_value():
    X = np.zeros((100, 1))
    X[:5] = 3.0
    center, scale = scaling_of(X, "robust", np.ones(100))
    assert center == 0
    assert scale == pytest.approx(X.std())


def test_standard_scaling_beats_range_on_heavy_tails():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 200)
    X = y[:, np.newaxis] + 0.3 * rng.standard_normal((400, 3))
    X[rng.integers(0, 400, 4), 0] = 1e4  # outliers hide the feature within [0, 1]
    X[:, 1:] = rng.standard_normal((400, 2))
    robust, ranged = (
        short(input_scaling=kind).fit(X, y).score(X, y) for kind in ("robust", "range")
    )
    assert robust > ranged
