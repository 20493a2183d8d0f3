"""The affine reductions: whatever the method, one matrix and one mean."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import warnings
from collections.abc import Callable

import numpy as np
from scipy.linalg import helmert
from scipy.sparse import csr_array, issparse
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA, FactorAnalysis, FastICA
from sklearn.exceptions import ConvergenceWarning
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

# Components are compared with the strongest one, by their standard deviations on training data.
_NOTHING = 1e-6  # at most this: rounding errors, not data
_WEAK = 1e-2  # at most this: directions in which FastICA finds only noise, and doesn't converge
_FLOOR = 0.1  # no component that is more than nothing leaves with less

_ICA_ROWS = 10_000
_FEW_FEATURES = 1000
_FA_TOL = 1e-5  # gain in log-likelihood for a number in X
_MIN_START, _MIN_NOISE = 1e-3, 1e-6  # of a feature's variance 1, in factor analysis

# What a method of ``_methods.py`` fits: an estimator, a matrix and a mean.
LinearMap = tuple[BaseEstimator | None, np.ndarray, np.ndarray]
# What `fit_components` centres and scales: an estimator, and rows, at most as many as asked for.
Components = tuple[BaseEstimator, np.ndarray]


def fit_components(
    fit: Callable[[np.ndarray, int, np.random.RandomState], Components],
    Z: np.ndarray,
    n_components: int,
    rng: np.random.RandomState,
) -> LinearMap:
    """Fit components to centred data, fill up missing ones with 0 and bring scales together."""
    n_features = Z.shape[1]
    mean = Z.mean(axis=0)
    reducer, components = fit(Z - mean, n_components, rng)
    matrix = np.zeros((n_components, n_features))
    matrix[: len(components)] = components
    scale = output_scale(((Z - mean) @ matrix.T).std(axis=0), exponent=0.5)
    return reducer, matrix * scale[:, None], mean


def output_scale(std: np.ndarray, exponent: float) -> np.ndarray:
    """Factors that bring components onto comparable scales.

    Parameters
    ----------
    std : ndarray of shape (n_components,)
        Standard deviations of the components on training data.

    exponent : float
        What is left of the differences between components: 0 makes all standard deviations 1,
        0.5 takes the square root of their ratios, down to 0.1.

    Returns
    -------
    scale : ndarray of shape (n_components,)
        Factors; 0 for a component that is nothing but rounding errors.
    """
    strongest = std.max()
    relative = std / strongest if strongest > 0 else std
    wanted = np.maximum(relative**exponent, _FLOOR)
    return np.divide(wanted, std, out=np.zeros_like(std), where=relative > _NOTHING)


def _principal_components(
    Z: np.ndarray, n_components: int, rng: np.random.RandomState, solver: str = "auto"
) -> tuple[PCA, np.ndarray, np.ndarray]:
    pca = PCA(n_components, svd_solver=solver, random_state=rng)
    with np.errstate(divide="ignore", invalid="ignore"):  # its variance ratios, without a variance
        pca.fit(Z)
    std = np.sqrt(pca.explained_variance_ * (len(Z) - 1) / len(Z))
    return pca, pca.components_, std


def fit_pca(
    Z: np.ndarray, n_components: int, rng: np.random.RandomState, *, solver: str = "auto"
) -> Components:
    """Find principal components."""
    pca, components, _ = _principal_components(Z, n_components, rng, solver)
    return pca, components


def fit_sparse_pca(
    S: csr_array, origin: np.ndarray, n_components: int, rng: np.random.RandomState
) -> LinearMap:
    """Do as `fit_components` with `fit_pca` for the data S - origin, which stays sparse.

    Few features have a small covariance matrix, of many the leading components are iterated.
    """
    n_samples, n_features = S.shape
    solver = "covariance_eigh" if n_features <= _FEW_FEATURES else "arpack"
    most = min(S.shape) - (solver == "arpack")  # a last one of n_samples is nothing but rounding
    pca = PCA(min(n_components, most), svd_solver=solver, random_state=rng)
    with np.errstate(divide="ignore", invalid="ignore"):  # its variance ratios, without a variance
        pca.fit(S)
    std = np.zeros(n_components)
    std[: pca.n_components_] = np.sqrt(pca.explained_variance_ * (n_samples - 1) / n_samples)
    matrix = np.zeros((n_components, n_features))
    matrix[: pca.n_components_] = pca.components_
    return pca, matrix * output_scale(std, exponent=0.5)[:, None], pca.mean_ - origin


def fit_sparse_projection(
    fit: Callable[..., LinearMap],
    S: csr_array,
    origin: np.ndarray,
    n_components: int,
    rng: np.random.RandomState,
    **parameters: float,
) -> LinearMap:
    """Draw a projection for as many features as S has: that is all it depends on."""
    return fit(csr_array(S.shape), n_components, rng, **parameters)


def fit_ica(Z: np.ndarray, n_components: int, rng: np.random.RandomState) -> Components:
    """Find independent components, among the principal ones that aren't weak."""
    _, components, std = _principal_components(Z, n_components, rng)
    ica = FastICA(whiten=False, max_iter=500, tol=1e-3, random_state=rng)
    strong = std > _WEAK * std[0]
    if not strong.any():  # no variance at all
        return ica, components[:0]
    # The weak ones stay principal components: whitened, they would be blown up, and noise has no
    # independent directions to converge to.
    matrix = components / std[0]
    whitening = components[strong] / std[strong, None]
    if len(Z) > _ICA_ROWS:  # a rotation needs no more
        Z = Z[rng.choice(len(Z), _ICA_ROWS, replace=False)]
    matrix[strong] = ica.fit(Z @ whitening.T).components_ @ whitening
    if ica.n_iter_ >= ica.max_iter:
        warnings.warn(
            f"DimReducer(method='ica'): FastICA stopped after {ica.max_iter} iterations without "
            "converging. The components are usable, but less independent than they could be. "
            "Fewer components (a higher ratio) or another random_state usually help.",
            ConvergenceWarning,
            stacklevel=5,  # the caller of DimReducer.fit
        )
    return ica, matrix


def fit_factor_analysis(Z: np.ndarray, n_components: int, rng: np.random.RandomState) -> Components:
    """Find factors of the correlations, which are all that its likelihood sees.

    A few rows with the same correlations take the place of the data, so that an iteration costs as
    much for a million rows as for a hundred.
    """
    n_features = Z.shape[1]
    unit = Z.std(axis=0)
    unit[unit == 0] = 1
    _, components, std = _principal_components(Z / unit, min(Z.shape), rng)
    rank = int(np.sum(std > _NOTHING * std[0]))
    factor_analysis = FactorAnalysis(
        min(n_components, rank),
        svd_method="lapack",
        tol=_FA_TOL * n_features * (rank + 1),  # it sums over the rows that it sees, below
        max_iter=1000,
    ).set_output(transform="default")
    if not rank:
        return factor_analysis, np.zeros((0, n_features))
    components, std = components[:rank], std[:rank, None]
    # Jöreskog's start, from what the other features don't explain of a feature. From its own start,
    # 1, it finds no factor that explains less than one feature does.
    unexplained = 1 / np.maximum(np.sum((components / std) ** 2, axis=0), 1)
    start = (1 - 0.5 * factor_analysis.n_components / n_features) * unexplained
    factor_analysis.noise_variance_init = np.maximum(start, _MIN_START)
    # The Helmert matrix: orthonormal columns, each with mean 0.
    rows = helmert(rank + 1).T @ (std * components) * np.sqrt(rank + 1)
    factor_analysis.fit(rows)
    if factor_analysis.n_iter_ >= factor_analysis.max_iter:
        warnings.warn(
            "DimReducer(method='factor_analysis'): the likelihood still grew after "
            f"{factor_analysis.max_iter} iterations. The factors are usable, but not yet the most "
            "likely ones. Another number of components usually helps.",
            ConvergenceWarning,
            stacklevel=5,  # the caller of DimReducer.fit
        )
    # A feature that the factors explain wholly has noise variance 0 and would rule the factors.
    noise = np.maximum(factor_analysis.noise_variance_, _MIN_NOISE)
    factor_analysis.noise_variance_ = noise
    origin = factor_analysis.transform(np.zeros((1, n_features)))
    return factor_analysis, (factor_analysis.transform(np.eye(n_features)) - origin).T / unit


def fit_gaussian(
    Z: np.ndarray, n_components: int, rng: np.random.RandomState, *, unit_variance: bool = False
) -> LinearMap:
    """Draw a normal projection, of variance 1 or 1 / n_components."""
    projection = GaussianRandomProjection(n_components, random_state=rng).fit(Z)
    scale = np.sqrt(n_components) if unit_variance else 1.0
    return projection, projection.components_ * scale, np.zeros(Z.shape[1])


def fit_signs(
    Z: np.ndarray, n_components: int, rng: np.random.RandomState, *, density: float, value: float
) -> LinearMap:
    """Draw a projection of ±value, with probability `density`, and 0."""
    projection = SparseRandomProjection(n_components, density=density, random_state=rng).fit(Z)
    matrix = projection.components_
    signs = np.sign(matrix.toarray() if issparse(matrix) else matrix)
    return projection, value * signs, np.zeros(Z.shape[1])


def fit_identity(Z: np.ndarray, n_components: int, rng: np.random.RandomState) -> LinearMap:
    """Keep all features."""
    return None, np.eye(n_components), np.zeros(n_components)
