"""Principal components that are rounding errors: refused where they are read, equal elsewhere."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import DimReducer
from scann_sklearn.export import SparseModel, to_c, to_onnx
from tests.classifier._helpers import short

X, y = load_iris(return_X_y=True)
NOISE = np.random.default_rng(0).normal(size=(150, 1))
DATA = {
    "constant": np.hstack([X, np.full((150, 1), 3.7)]),
    "combination": np.hstack([X, 0.3 * X[:, :1] + X[:, 1:2]]),
    "nearly": np.hstack([X, X[:, :1] + 1e-7 * NOISE]),  # 1e-7: enough for float64, not for float32
}


def _read_all(*steps):
    """Unfitted pipeline whose network reads every component."""
    return make_pipeline(*steps, short(n_connections=1.0))


@pytest.mark.parametrize(
    ("data", "solver"),
    [("constant", "full"), ("combination", "full"), ("combination", "covariance_eigh")],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_errors_that_a_network_reads(tmp_path, data, dtype, solver):
    Z = DATA[data].astype(dtype)
    pca = PCA(whiten=True, svd_solver=solver)
    plain = PCA(svd_solver=solver)  # the classifier's own scaling does the same
    for steps in ([pca], [pca, StandardScaler()], [plain], [plain, StandardScaler()]):
        model = _read_all(*steps).fit(Z, y)
        message = r"component 4: .*, so PCA\(.*n_components=4 or less"
        with pytest.raises(ValueError, match=message):
            SparseModel.from_estimator(model)
        with pytest.raises(ValueError, match=message):
            to_c(model, tmp_path / "iris.h")
        with pytest.raises(ValueError, match=message):
            to_onnx(model)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("whiten", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_component_that_the_processor_decides(dtype, whiten):
    # Of a constant feature the eigenvalue solver leaves 0, or more or less, as a processor rounds.
    Z = DATA["constant"].astype(dtype)
    model = _read_all(PCA(whiten=whiten, svd_solver="covariance_eigh")).fit(Z, y)
    try:
        exported = SparseModel.from_estimator(model)
    except ValueError as error:
        exported, message = None, str(error)
    if exported is None:
        assert "component 4: " in message
    else:
        expected = model.predict_proba(Z)  # a hundredth of what the feature does may be missing
        np.testing.assert_allclose(exported.predict_proba(Z), expected, atol=0.05)


@pytest.mark.parametrize("data", list(DATA))
@pytest.mark.parametrize(
    "step", [PCA(4, whiten=True), PCA(4), DimReducer("pca"), DimReducer("ica")]
)
def test_what_the_message_advises_is_equal(tmp_path, data, step):
    Z = DATA[data]
    model = _read_all(step).fit(Z, y)
    expected = model.predict(Z)
    np.testing.assert_array_equal(SparseModel.from_estimator(model).predict(Z), expected)
    np.testing.assert_array_equal(to_c(model, tmp_path / "iris.h").predict(Z), expected)


def test_components_that_single_precision_has_not(tmp_path):
    Z = DATA["nearly"]
    model = _read_all(PCA(whiten=True, svd_solver="full")).fit(Z, y)
    np.testing.assert_array_equal(SparseModel.from_estimator(model).predict(Z), model.predict(Z))
    to_onnx(model, dtype="float64")
    with pytest.raises(ValueError, match=r"component 4: .*precision 1\.2e-07"):
        to_onnx(model)
    for options in ({}, {"dtype": "int16", "calibration": Z}):
        with pytest.raises(ValueError, match=r"component 4: .*precision 1\.2e-07"):
            to_c(model, tmp_path / "iris.h", **options)


def test_rounding_errors_that_nothing_reads():
    Z = DATA["constant"]
    model = make_pipeline(PCA(whiten=True), short(n_connections=6)).fit(Z, y)
    assert not model[-1].get_support()[4]
    np.testing.assert_array_equal(SparseModel.from_estimator(model).predict(Z), model.predict(Z))
