"""DimReducer on a large X: read block by block, with the result that X as a whole gives."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn import DimReducer
from scann_sklearn.datasets import to_memmap
from scann_sklearn.network import _row_samples
from scann_sklearn.network._row_samples import is_mapped
from scann_sklearn.reduction import _moments
from scann_sklearn.reduction._methods import METHODS
from scann_sklearn.reduction._moments import rows_of_moments
from tests._optional import need

BLOCKWISE = [name for name, m in METHODS.items() if m.fit_moments or not m.sees_rows]


def table(seed, n_samples=400, n_features=12, rank=8):
    """Features of any scale and place, correlated, one of them constant."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, rank)) @ rng.normal(size=(rank, n_features))
    X = X * 10.0 ** rng.integers(-3, 4, n_features) + rng.normal(size=n_features) * 5
    X[:, n_features // 2] = 3
    return X


@pytest.fixture
def all_is_large(monkeypatch):
    """What is done with large arrays is done with all."""
    monkeypatch.setattr(_moments, "_MANY", 0)
    monkeypatch.setattr(_row_samples, "_AT_ONCE", 500)


def test_which_methods_read_blocks():
    assert BLOCKWISE == [
        "pca", "factor_analysis", "gaussian_rp", "unit_gaussian_rp", "achlioptas_rp", "sparse_rp",
        "passthrough",
    ]  # fmt: skip


@given(st.integers(0, 2**16), st.integers(2, 60), st.integers(1, 9), st.integers(1, 100))
def test_few_rows_have_the_moments_of_all(seed, n_samples, n_features, at_once):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, n_features)) @ rng.normal(size=(n_features, n_features))
    center, scale = rng.normal(size=n_features), rng.random(n_features) + 0.1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_row_samples, "_AT_ONCE", at_once)
        Z = rows_of_moments(X, center, scale)
    whole = (X - center) * scale
    assert Z.shape == (n_features + 1, n_features)
    np.testing.assert_allclose(Z.mean(axis=0), whole.mean(axis=0), atol=1e-10)
    expected = np.cov(whole.T, bias=True)
    tolerance = 1e-9 * max(1, np.abs(expected).max())
    np.testing.assert_allclose(np.cov(Z.T, bias=True), expected, atol=tolerance)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("method", BLOCKWISE)
def test_it_is_that_of_the_whole(tmp_path, request, method, normalize, dtype):
    X = table(1).astype(dtype)
    parameters = {"n_components": 5, "normalize": normalize, "random_state": 0}
    whole = DimReducer(method, **parameters).fit(X)
    request.getfixturevalue("all_is_large")
    mapped = to_memmap([X], tmp_path / "X.npy")
    found = DimReducer(method, **parameters).fit(mapped)
    assert found.n_components_ == whole.n_components_
    expected = whole.transform(X)
    size = np.abs(expected).max()
    tolerance = {np.float64: 1e-7, np.float32: 1e-4}[dtype]
    np.testing.assert_allclose(found.transform(mapped), expected, atol=tolerance * size)
    for a, b in zip(found.to_affine(), whole.to_affine(), strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance * np.abs(b).max())


@pytest.mark.usefixtures("all_is_large")
def test_the_principal_components_are_those_of_all_samples():
    X = table(2)
    pca = DimReducer("pca", n_components=6).fit(X).reducer_
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_moments, "_MANY", 10**9)
        expected = DimReducer("pca", n_components=6).fit(X).reducer_
    assert pca.n_samples_ == expected.n_samples_ == len(X)
    for name in ("explained_variance_", "explained_variance_ratio_", "singular_values_"):
        np.testing.assert_allclose(getattr(pca, name), getattr(expected, name), rtol=1e-6)
    np.testing.assert_allclose(pca.components_, expected.components_, atol=1e-6)
    np.testing.assert_allclose(pca.noise_variance_, expected.noise_variance_, atol=1e-9)


@pytest.mark.parametrize("method", ["pca", "factor_analysis", "sparse_rp"])
def test_memory(tmp_path, monkeypatch, method):
    monkeypatch.setattr(_moments, "_MANY", 2**20)
    monkeypatch.setattr(_row_samples, "_AT_ONCE", 2**14)
    monkeypatch.setattr(_row_samples, "_IN_MEMORY", 2**20)
    rng = np.random.default_rng(0)
    mapped = to_memmap((rng.normal(size=(5000, 40)) for _ in range(20)), tmp_path / "X.npy")
    reducer = DimReducer(method, n_components=20, random_state=0)
    reducer.fit(mapped[:100])  # what is loaded at first
    tracemalloc.start()
    try:
        reduced = reducer.fit(mapped).transform(mapped)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reduced.shape == (100_000, 20)
    assert is_mapped(reduced)
    assert peak < 0.5 * mapped.nbytes  # 32 MB


def test_a_dask_array_through_a_file(tmp_path, all_is_large):
    need("distributed")
    import dask.array as da

    X = table(3)
    mapped = to_memmap(da.from_array(X, chunks=(150, 5)), tmp_path / "X.npy")
    found = DimReducer("pca", n_components=4).fit_transform(mapped)
    np.testing.assert_allclose(found, DimReducer("pca", n_components=4).fit_transform(X))
