"""Steps that are affine: a matrix, or its diagonal, and an offset."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from scann_sklearn.export._refusal import refused
from scann_sklearn.reduction._dim_reducer import DimReducer
from scann_sklearn.reduction._methods import METHODS

_KNOWN = (
    "DimReducer, PCA, StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, feature selectors, "
    "SimpleImputer, MissingIndicator, OneHotEncoder, OrdinalEncoder, FunctionTransformer without a "
    "function, and ColumnTransformer, FeatureUnion and Pipeline of these"
)


@singledispatch
def affine_map(step: object) -> tuple[Any, np.ndarray]:
    """Matrix and offset of a fitted step.

    Parameters
    ----------
    step : estimator
        A fitted step.

    Returns
    -------
    matrix : ndarray or sparse array of shape (n_features_out, n_features)
        An array where it is full.
    offset : ndarray of shape (n_features_out,)
        What is added.

    Raises
    ------
    TypeError
        If the step is of another kind.
    ValueError
        If it is not affine.
    """
    raise refused(
        f"{type(step).__name__} has no known equivalent in a program",
        step,
        f"supported ahead of a SCANNClassifier or SCANNRegressor are {_KNOWN}",
        TypeError,
    )


@affine_map.register
def _(step: DimReducer) -> tuple[Any, np.ndarray]:
    if not step.is_affine_:
        raise refused(
            f"An embedding by {step.method!r} is not an affine map and needs all landmarks",
            step,
            "use one of the affine methods, such as 'pca' or 'sparse_rp'",
        )
    matrix, offset = step.to_affine()
    if METHODS[step.method].is_diagonal:
        return sparse.diags_array(np.diag(matrix)), offset
    return matrix, offset


@affine_map.register
def _(step: PCA) -> tuple[Any, np.ndarray]:
    matrix = np.asarray(step.components_, float)
    if step.whiten:
        deviation = np.sqrt(step.explained_variance_)
        matrix = matrix / np.maximum(deviation, np.finfo(deviation.dtype).eps)[:, None]
    return matrix, -matrix @ step.mean_


@affine_map.register
def _(step: StandardScaler) -> tuple[Any, np.ndarray]:
    return _scaling(step, step.mean_ if step.with_mean else None, step.scale_)


@affine_map.register
def _(step: RobustScaler) -> tuple[Any, np.ndarray]:
    return _scaling(step, step.center_, step.scale_)


@affine_map.register
def _(step: MinMaxScaler) -> tuple[Any, np.ndarray]:
    if step.clip:
        raise refused("Clipping is not an affine map", step, "use clip=False")
    return sparse.diags_array(np.asarray(step.scale_, float)), np.asarray(step.min_, float)


@affine_map.register
def _(step: MaxAbsScaler) -> tuple[Any, np.ndarray]:
    if getattr(step, "clip", False):
        raise refused("Clipping is not an affine map", step, "use clip=False")
    return _scaling(step, None, step.scale_)


def _scaling(step, center, scale) -> tuple[Any, np.ndarray]:
    factor = np.ones(step.n_features_in_) if scale is None else 1 / np.asarray(scale, float)
    offset = np.zeros_like(factor) if center is None else -factor * center
    return sparse.diags_array(factor), offset
