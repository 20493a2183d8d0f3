"""DimReducer on a sparse X: the reductions that can, without ever making it dense."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.sparse import coo_array, csc_matrix, csr_array, random_array

from scann_sklearn import DimReducer
from scann_sklearn.reduction._methods import FOR_SPARSE, METHODS


def counts(seed, n_samples=60, n_features=20, density=0.15):
    rng = np.random.default_rng(seed)
    X = random_array((n_samples, n_features), density=density, random_state=rng, format="csr")
    X.data += 0.5
    return X


def test_which_methods_take_it():
    assert FOR_SPARSE == ["pca", "gaussian_rp", "unit_gaussian_rp", "achlioptas_rp", "sparse_rp"]


@pytest.mark.parametrize("method", [name for name in METHODS if name not in FOR_SPARSE])
def test_other_methods_say_why(method):
    X = counts(0)
    message = rf"method='{method}'\) takes no sparse X: .* dense\. Methods for sparse X are 'pca', "
    with pytest.raises(TypeError, match=message):
        DimReducer(method, n_components=3).fit(X)
    with pytest.raises(TypeError, match=message):
        DimReducer(method, n_components=3).fit(X.toarray()).transform(X)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("method", FOR_SPARSE)
def test_it_is_that_of_the_dense_data(method, normalize, dtype):
    X = (counts(1) + 0.25 * csr_array(np.ones((60, 1)) * np.eye(1, 20))).astype(dtype)
    parameters = {"n_components": 6, "normalize": normalize, "random_state": 0}
    of_sparse = DimReducer(method, **parameters).fit(csr_array(X))
    of_dense = DimReducer(method, **parameters).fit(X.toarray())
    expected = of_dense.transform(X.toarray())
    for form in (csr_array, csc_matrix, coo_array):
        found = of_sparse.transform(form(X))
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, atol=1e-3 if dtype == np.float32 else 1e-6)
    np.testing.assert_allclose(of_dense.transform(csr_array(X)), expected, atol=1e-4)
    np.testing.assert_allclose(of_sparse.to_affine()[0], of_dense.to_affine()[0], atol=1e-4)


def test_many_features_are_iterated():
    X = counts(2, n_samples=80, n_features=1500, density=0.02)
    reducer = DimReducer(n_components=3, normalize=False, random_state=0).fit(X)
    matrix, _ = reducer.to_affine()
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    _, _, directions = np.linalg.svd(X.toarray() - X.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(matrix @ directions[:3].T), np.eye(3), atol=1e-6)
    assert DimReducer(random_state=0).fit(X).n_components_ == 80


@given(st.integers(0, 1000), st.integers(2, 12), st.integers(1, 12), st.floats(0, 1))
def test_any_shape_and_density(seed, n_samples, n_features, density):
    X = counts(seed, n_samples, n_features, density)
    reducer = DimReducer(n_components=min(n_samples, n_features), random_state=0).fit(X)
    found = reducer.transform(X)
    assert np.isfinite(found).all()
    dense = DimReducer(n_components=reducer.n_components_).fit(X.toarray())
    spread = dense.transform(X.toarray()).std(axis=0)
    np.testing.assert_allclose(found.std(axis=0), spread, atol=1e-3)


@pytest.mark.parametrize("method", FOR_SPARSE)
def test_memory(method):
    X = counts(3, n_samples=20_000, n_features=1200, density=0.01)
    size = X.data.nbytes + X.indices.nbytes + X.indptr.nbytes
    reducer = DimReducer(method, n_components=4, random_state=0)
    tracemalloc.start()
    try:
        reducer.fit(X).transform(X)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * size < 0.06 * X.shape[0] * X.shape[1] * 8


def test_x_stays_as_it_is():
    X = counts(4)
    twice = csr_array((np.tile(X.data, 2), np.tile(X.indices, 2), 2 * X.indptr), shape=X.shape)
    assert not twice.has_canonical_format
    before = twice.data.copy()
    DimReducer(n_components=2).fit(twice).transform(twice)
    assert np.array_equal(twice.data, before)
