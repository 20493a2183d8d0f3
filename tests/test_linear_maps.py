"""The affine reductions: against scikit-learn, their distributions, rank, convergence."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from scann_sklearn.reduction import _linear_maps
from scann_sklearn.reduction._dim_reducer import DimReducer
from scann_sklearn.reduction._linear_maps import output_scale
from scann_sklearn.reduction._methods import METHODS

LEARNED = ["pca", "factor_analysis", "ica"]
PROJECTIONS = ["gaussian_rp", "unit_gaussian_rp", "achlioptas_rp", "sparse_rp"]


@pytest.fixture(scope="module")
def digits():
    return load_digits(return_X_y=True)[0]


@pytest.fixture(scope="module")
def sources():
    rng = np.random.RandomState(0)
    return rng.laplace(size=(300, 6)) ** 3 @ rng.normal(size=(6, 6)) + 100


def _fit(method, X, **parameters):
    return DimReducer(method, random_state=0, **parameters).fit(X)


@pytest.mark.parametrize("normalize", [True, False])
def test_pca_is_that_of_scikit_learn(normalize, digits):
    Z = MinMaxScaler().fit_transform(digits) if normalize else digits
    reference = PCA(16, svd_solver="full").fit_transform(Z)
    reduced = DimReducer("pca", ratio=4, normalize=normalize, random_state=0).fit_transform(digits)
    relative = reference.std(axis=0) / reference.std(axis=0)[0]
    assert_allclose(
        np.abs(reduced), np.abs(reference) / reference.std(axis=0) * relative**0.5, atol=0.05
    )
    correlation = np.corrcoef(reduced.T, reference.T)[:16, 16:]
    assert_allclose(np.abs(np.diag(correlation)), 1, atol=1e-3)


def test_factor_analysis_is_that_of_scikit_learn(digits):
    X = digits[:, digits.std(axis=0) > 0]
    scaled = StandardScaler().fit_transform(X)
    reference = FactorAnalysis(8, svd_method="lapack").fit(scaled)
    reducer = _fit("factor_analysis", X, n_components=8)
    assert_allclose(reducer.reducer_.get_covariance(), reference.get_covariance(), atol=0.02)
    expected = reference.transform(scaled)
    correlation = np.corrcoef(reducer.transform(X).T, expected.T)[:8, 8:]
    assert np.abs(np.diag(correlation)).min() > 0.98


def test_factor_analysis_does_not_depend_on_scales(digits):
    expected = _fit("factor_analysis", digits, ratio=4).transform(digits)
    scaled = digits * np.logspace(-20, 20, 64)
    actual = _fit("factor_analysis", scaled, ratio=4, normalize=False).transform(scaled)
    assert_allclose(actual, expected, atol=1e-6)


def test_ica_finds_independent_sources():
    rng = np.random.RandomState(0)
    hidden = np.c_[rng.laplace(size=(5000, 2)), rng.uniform(size=(5000, 2))]
    X = hidden @ rng.normal(size=(4, 4))
    correlation = np.abs(np.corrcoef(_fit("ica", X).transform(X).T, hidden.T)[:4, 4:])
    assert correlation.max(axis=0).min() > 0.99


def test_ica_on_many_rows_uses_some_of_them(monkeypatch, sources):
    expected = np.abs(_fit("ica", sources).transform(sources))
    monkeypatch.setattr(_linear_maps, "_ICA_ROWS", 200)
    actual = np.abs(_fit("ica", sources).transform(sources))
    correlation = np.corrcoef(actual.T, expected.T)[:6, 6:]
    assert correlation.max(axis=0).min() > 0.95


def test_projection_matrices():
    X = np.random.RandomState(0).normal(size=(200, 300))
    matrices = {
        method: _fit(method, X, n_components=150, normalize=False).to_affine()[0]
        for method in PROJECTIONS
    }
    for method, scale in (("gaussian_rp", 1 / math.sqrt(150)), ("unit_gaussian_rp", 1)):
        assert stats.kstest(matrices[method].ravel() / scale, "norm").pvalue > 0.01
    for method, values, probabilities in (
        ("achlioptas_rp", [-1, 1], [1 / 2, 1 / 2]),
        ("sparse_rp", [-math.sqrt(3), 0, math.sqrt(3)], [1 / 6, 2 / 3, 1 / 6]),
    ):
        found, counts = np.unique(matrices[method], return_counts=True)
        assert_array_equal(found, values)
        assert stats.chisquare(counts, np.array(probabilities) * 45_000).pvalue > 0.01


@pytest.mark.parametrize("method", PROJECTIONS)
def test_projections_are_of_the_normalised_features(method, digits):
    Z = MinMaxScaler().fit_transform(digits)
    matrix = _fit(method, Z, n_components=10, normalize=False).to_affine()[0]
    assert_allclose(
        _fit(method, digits, n_components=10).transform(digits), Z @ matrix.T, atol=1e-9
    )


def test_gaussian_projections_differ_by_their_scale(sources):
    one, other = (
        _fit(method, sources, n_components=4).transform(sources)
        for method in ("gaussian_rp", "unit_gaussian_rp")
    )
    assert_allclose(2 * one, other)


@pytest.mark.parametrize("method", LEARNED)
@pytest.mark.parametrize("normalize", [True, False])
def test_data_without_full_rank(method, normalize, sources):
    copies = np.c_[sources, sources @ np.eye(6)[::-1] * 2 + 1, np.full(300, 0.1)]
    reduced = DimReducer(method, normalize=normalize, random_state=0).fit_transform(copies)
    std = reduced.std(axis=0)
    assert reduced.shape == (300, 13)
    assert np.isfinite(reduced).all()
    assert 1 <= np.count_nonzero(std) <= 6
    assert_array_equal(reduced[:, std == 0], 0)


def test_output_scale():
    std = np.array([4, 1, 1e-3, 1e-7, 0])
    assert_allclose(output_scale(std, exponent=0.5) * std, [1, 0.5, 0.1, 0, 0])
    assert_allclose(output_scale(std, exponent=0) * std, [1, 1, 1, 0, 0])
    assert_array_equal(output_scale(np.zeros(3), exponent=0.5), 0)


@pytest.mark.filterwarnings("ignore:FastICA did not converge:sklearn.exceptions.ConvergenceWarning")
def test_ica_that_does_not_converge_says_so_and_is_usable():
    X = np.random.RandomState(0).normal(size=(60, 6))  # Gaussian: nothing to converge to
    with pytest.warns(ConvergenceWarning, match="method='ica'.*higher ratio.*random_state"):
        reducer = _fit("ica", X)
    assert_allclose(np.cov(reducer.transform(X).T, bias=True), np.eye(6), atol=1e-9)


@pytest.mark.filterwarnings("ignore:FactorAnalysis did not:sklearn.exceptions.ConvergenceWarning")
def test_factor_analysis_that_does_not_converge_says_so_and_is_usable(digits, monkeypatch):
    monkeypatch.setattr(_linear_maps, "_FA_TOL", 0)
    with pytest.warns(ConvergenceWarning, match="method='factor_analysis'.*number of components"):
        reducer = _fit("factor_analysis", digits, n_components=20)
    assert np.isfinite(reducer.transform(digits)).all()


@pytest.mark.parametrize("method", [*LEARNED, *PROJECTIONS])
def test_reducer_underneath(method, sources):
    Z = sources / np.abs(sources).max()
    reducer, matrix, mean = METHODS[method].fit(Z, 3, np.random.RandomState(0))
    assert type(reducer).__module__.startswith("sklearn.")
    assert matrix.shape == (3, 6)
    assert mean.shape == (6,)
