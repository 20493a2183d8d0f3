"""A reduction as the first layer: the same answers, and connections that can be pruned."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import DimReducer, SCANNClassifier, SCANNRegressor, absorb_reduction
from scann_sklearn.export import SparseModel
from scann_sklearn.metrics import n_connections
from scann_sklearn.synthesis import SchemeA, SchemeB, SchemeC, SchemeNeST

FEW = {"initial_epochs": 8, "epochs": 3, "iterations": 2}
SCHEMES = {
    "A": SchemeA(**FEW, growth_iterations=1),
    "B": SchemeB(**FEW),
    "C": SchemeC(**FEW),
    "NeST": SchemeNeST(**FEW, growth_iterations=1),
}


def piped(model, X, y, method="pca", **options):
    reducer = DimReducer(method, random_state=0, **(options or {"n_components": 5}))
    return Pipeline([("reduce", reducer), ("scann", model)]).fit(X, y)


def classifier(scheme="B", **options):
    given = {"hidden_layer_sizes": (12,), "n_connections": 60, "random_state": 0} | options
    return SCANNClassifier(SCHEMES[scheme], **given)


@pytest.mark.parametrize("method", ["pca", "ica", "factor_analysis", "sparse_rp", "gaussian_rp"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predicts_what_the_pipeline_predicts(method, dtype):
    X, y = load_wine(return_X_y=True)
    X = X.astype(dtype)
    pipe = piped(classifier(), X, y, method)
    whole = absorb_reduction(pipe, X)
    scale = np.abs(pipe.decision_function(X)).max()
    atol = (1e-3 if dtype == np.float32 else 1e-9) * scale
    np.testing.assert_allclose(whole.decision_function(X), pipe.decision_function(X), atol=atol)
    assert whole.n_features_in_ == 13
    assert whole.weights_.dtype == dtype


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("binary", [False, True])
def test_what_is_absorbed_is_counted_and_pruned(scheme, binary):
    X, y = (load_breast_cancer if binary else load_wine)(return_X_y=True)
    pipe = piped(classifier(scheme), X, y)
    model = pipe[-1]
    whole = absorb_reduction(pipe, X)
    read = model.get_support().sum()
    assert whole.n_connections_ == model.n_connections_ + read * X.shape[1]
    assert whole.n_hidden_ == model.n_hidden_ + read
    assert n_connections(whole) == whole.n_connections_
    bound = whole.n_connections_ // 2
    small = whole.set_params(warm_start=True, n_connections=bound).fit(X, y)
    assert small.n_connections_ <= bound
    assert small.score(X, y) > 0.8
    program = SparseModel.from_estimator(small)
    assert (program.predict(X) == small.predict(X)).all()


def test_regressors_and_names():
    frame, y = load_diabetes(return_X_y=True, as_frame=True)
    model = SCANNRegressor(n_connections=40, random_state=0, scheme=SCHEMES["B"])
    pipe = piped(model, frame, y)
    whole = absorb_reduction(pipe, frame)
    np.testing.assert_allclose(whole.predict(frame), pipe.predict(frame), rtol=1e-6)
    assert list(whole.feature_names_in_) == list(frame.columns)
    assert len(whole.path_) == 1
    importances = pd.Series(whole.feature_importances_, frame.columns)
    assert importances.sum() == pytest.approx(1)


def test_samples_far_outside_stay_finite():
    X, y = load_wine(return_X_y=True)
    pipe = piped(classifier(), X, y)
    whole = absorb_reduction(pipe, X)
    near = X + 0.5 * (X.max(axis=0) - X.min(axis=0)) / 13
    np.testing.assert_allclose(
        whole.decision_function(near), pipe.decision_function(near), atol=1e-6
    )
    assert np.isfinite(whole.decision_function(100 * X)).all()


def test_other_pipelines_are_refused():
    X, y = load_wine(return_X_y=True)
    scaled = make_pipeline(StandardScaler(), DimReducer(), classifier()).fit(X, y)
    with pytest.raises(TypeError, match="StandardScaler -> DimReducer -> SCANNClassifier"):
        absorb_reduction(scaled, X)
    with pytest.raises(TypeError, match="got SCANNClassifier"):
        absorb_reduction(classifier().fit(X, y), X)
    embedded = piped(classifier(), X, y, "isomap")
    with pytest.raises(ValueError, match="isomap"):
        absorb_reduction(embedded, X)
    with pytest.raises(NotFittedError):
        absorb_reduction(make_pipeline(DimReducer(), classifier()), X)
