"""Training that leaves the finite numbers is an error; no prediction is ever NaN."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sklearn.datasets import load_iris

from scann_sklearn import SCANNClassifier
from scann_sklearn.network import _training

from ._callbacks import Interrupt
from ._helpers import short

X, Y = load_iris(return_X_y=True)
DIVERGED = "Training diverged: .* Lower learning_rate_init=.*, or scale the inputs"


def wild(**parameters):
    """A classifier that diverges."""
    return SCANNClassifier(
        "B", n_connections=50, random_state=0, **{"learning_rate_init": 1e6} | parameters
    )


@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss", "roc_auc_ovr"])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_divergence_is_an_error(scoring, early_stopping):
    """It was a classifier that predicts NaN, or an error of the scorer about its input."""
    classifier = wild(scoring=scoring, early_stopping=early_stopping)
    with pytest.raises(ValueError, match=DIVERGED):
        classifier.fit(X, Y)
    assert not hasattr(classifier, "weights_")


@pytest.mark.parametrize("engine", ["compiled", "torch"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_engines_and_solvers(engine, solver):
    with pytest.raises(ValueError, match=DIVERGED):
        wild(engine=engine, solver=solver, learning_rate_init=1e12).fit(X, Y)


@pytest.mark.parametrize("n_epochs", [2, 30])
def test_an_interruption_of_a_diverging_fit_keeps_no_nan(n_epochs):
    """The fit ends before the interruption; it was kept, with NaN in predictions and history."""
    with pytest.raises(ValueError, match=DIVERGED):
        wild(learning_rate_init=1e8).set_callbacks(Interrupt(n_epochs)).fit(X, Y)


@pytest.mark.parametrize("bound", ["auto", 15])
@pytest.mark.parametrize(("n_epochs", "kept"), [(3, False), (8 + 2, True)])
def test_interrupted_in_the_epoch_that_diverges(monkeypatch, bound, n_epochs, kept):
    """The interruption comes between the batch that overflows and the look at the epoch."""
    run, calls = _training.train_epoch, []

    def train_epoch(*arguments):
        loss = run(*arguments)
        calls.append(1)
        if len(calls) == n_epochs:
            arguments[11][:] = np.nan  # the weights
            raise KeyboardInterrupt
        return loss

    monkeypatch.setattr(_training, "train_epoch", train_epoch)
    classifier = short(n_connections=bound)
    with pytest.raises(KeyboardInterrupt):
        classifier.fit(X, Y)
    assert hasattr(classifier, "weights_") == kept
    if kept:
        assert np.isfinite(classifier.predict_proba(X)).all()
        assert all(np.isfinite(record["loss"]) for record in classifier.history_)
        assert bound == "auto" or classifier.n_connections_ <= bound


@settings(max_examples=40)
@given(
    rate=st.floats(-3, 12).map(lambda power: 10.0**power),
    solver=st.sampled_from(["adam", "adamw", "sgd"]),
    dtype=st.sampled_from([np.float32, np.float64]),
    power=st.integers(-45, 300),
    scaling=st.sampled_from(["standard", "robust", "range", None]),
    scheme=st.sampled_from("ABC"),
)
def test_a_fit_gives_finite_probabilities_or_says_why_not(
    rate, solver, dtype, power, scaling, scheme
):
    if dtype is np.float32 and power > 37:
        power %= 38
    data = (X * 10.0**power).astype(dtype)
    classifier = short(
        scheme, n_connections=20, learning_rate_init=rate, solver=solver, input_scaling=scaling
    )
    try:
        classifier.fit(data, Y)
    except ValueError as error:
        if not any(words in str(error) for words in ("Training diverged", "Scale X")):
            raise
        return
    assert np.isfinite(classifier.weights_.data).all()
    assert all(np.isfinite(record["loss"]) for record in classifier.history_)
    probabilities = classifier.predict_proba(data)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("data", ["iris", "cancer"])
def test_samples_near_the_largest_float(request, dtype, data):
    X, y = request.getfixturevalue(data)
    X = X.astype(dtype)
    classifier = short(hidden_layer_sizes=(12,)).fit(X, y)
    signs = np.random.default_rng(0).choice([-1, 1], (200, X.shape[1])).astype(dtype)
    for top in (np.finfo(dtype).max, np.finfo(dtype).max / 1000):
        far = signs * dtype(top)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            probabilities, classes = classifier.predict_proba(far), classifier.predict(far)
            logarithms = classifier.predict_log_proba(far)
        assert np.isfinite(probabilities).all()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
        assert not np.isnan(logarithms).any()
        np.testing.assert_array_equal(classifier.classes_[probabilities.argmax(axis=1)], classes)
        # a row doesn't depend on the rows beside it
        np.testing.assert_array_equal(classifier.predict_proba(far[:1]), probabilities[:1])


def test_samples_too_large_for_the_dtype(iris):
    X, y = iris
    classifier = short().fit(X.astype(np.float32), y)
    for method in (classifier.predict, classifier.predict_proba, classifier.predict_log_proba):
        with pytest.raises(ValueError, match=r"X contains infinity or a value too large for.*32"):
            method(np.full((1, 4), 1e39))
    with pytest.raises(ValueError, match=r"X_val contains infinity or a value too large"):
        short().fit(X.astype(np.float32), y, X_val=X * 1e39, y_val=y)


@pytest.mark.parametrize("scaling", ["standard", "robust", "range"])
@pytest.mark.parametrize(("dtype", "size"), [(np.float32, 1e-42), (np.float64, 1e-312)])
def test_features_too_small_to_be_scaled(iris, scaling, dtype, size):
    X, y = iris[0].astype(dtype), iris[1]
    X[:, 2] = (iris[0][:, 2] * size).astype(dtype)
    advice = "Scale X, or give it as float64" if dtype is np.float32 else r"Scale X\.$"
    with pytest.raises(ValueError, match=f"Feature 2 of X varies by .* only.* {advice}"):
        short(input_scaling=scaling).fit(X, y)


def test_a_range_beyond_the_largest_float(iris):
    X, y = iris[0].copy(), iris[1]
    X[0, 1], X[1, 1] = 1.7e308, -1.7e308
    with pytest.raises(ValueError, match="Feature 1 of X, .* can't be scaled within float64"):
        short(input_scaling="range").fit(X, y)


@pytest.mark.parametrize("scaling", ["standard", "robust", "range"])
def test_data_of_1e300_are_fitted(iris, scaling):
    X, y = iris
    expected = short(input_scaling=scaling).fit(X, y).score(X, y)
    classifier = short(input_scaling=scaling).fit(X * 1e300, y)
    assert classifier.score(X * 1e300, y) == pytest.approx(expected, abs=0.05)
