"""From a fitted estimator or pipeline to a program: affine steps are folded in."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted

from scann_sklearn.export._rounding import Rounding
from scann_sklearn.model._model import HoldsModel, model_of
from scann_sklearn.model._program import Program
from scann_sklearn.model._rows import program_of_rows
from scann_sklearn.model._steps import steps_of
from scann_sklearn.reduction._dim_reducer import DimReducer
from scann_sklearn.reduction._methods import METHODS


def program_of(model: Any, precision: str | None = None) -> Program:
    """Fold a fitted model into a program.

    Parameters
    ----------
    model : SCANNClassifier, SCANNRegressor, Pipeline or search
        A fitted estimator, a pipeline of affine steps that ends with one, or a search over these.
    precision : {"float32", "float64"}, default=None
        In which the program will be computed; None: that of the estimator.

    Returns
    -------
    program : Program
        What it computes, with weights of the estimator's dtype.

    Raises
    ------
    TypeError
        If a part of the model is of an unknown kind.
    ValueError
        If a step is not affine: Isomap, spectral embedding, a scaler that clips. If the network
        reads principal components that are rounding errors.
    NotFittedError
        If a part of the model is not fitted.
    """
    *steps, estimator = steps_of(model)
    if not isinstance(estimator, HoldsModel):
        raise TypeError(
            "Only a SCANNClassifier or SCANNRegressor, a pipeline that ends with one or a search "
            f"over these can be exported, got {type(estimator).__name__}: {estimator!r}."
        )
    found = model_of(estimator)
    if not steps:
        return found.to_program()
    d = found.network.topology.n_inputs
    matrix, offset, rounding = _compose(steps)
    if rounding is not None:
        eps = np.finfo(precision or found.weights.dtype).eps
        rounding.check(sparse.csc_array(found.weights)[:, :d], eps)
    n_features = matrix.shape[-1]
    matrix = sparse.csr_array(np.diag(matrix) if matrix.ndim == 1 else matrix)
    n_linear, weights, biases = _join(matrix, offset, found.weights, found.biases, d)
    return program_of_rows(
        weights,
        biases,
        found.head,
        n_features=n_features,
        n_linear=n_linear,
        dtype=found.weights.dtype,
    )


def _compose(steps: list[Any]) -> tuple[np.ndarray, np.ndarray, Rounding | None]:
    """One affine map of several: its matrix (or its diagonal), its offset, its rounding errors."""
    matrix, offset = _affine_map(steps[0])
    rounding = Rounding.of(steps[0])
    for step in steps[1:]:
        after, shift = _affine_map(step)
        rounding = Rounding.of(step) or (rounding and rounding.behind(after))
        if after.ndim == 1:
            offset = after * offset
            matrix = after * matrix if matrix.ndim == 1 else after[:, None] * matrix
        else:
            offset = after @ offset
            matrix = after * matrix if matrix.ndim == 1 else after @ matrix
        offset = offset + shift
    return matrix, offset, rounding


def _join(matrix, offset, weights, biases, d) -> tuple[int, sparse.csr_array, np.ndarray]:
    """Put an affine map ahead of a network.

    A reduced feature that few read, or that reads few features itself, is multiplied into the
    weights behind it. The others become linear rows of their own. Or all are multiplied into, where
    that makes fewer connections.
    """
    first, rest = sparse.csc_array(weights)[:, :d], sparse.csc_array(weights)[:, d:]
    reads, readers = np.diff(matrix.indptr), np.diff(first.indptr)
    choices = [
        _fold(matrix, offset, first, rest, biases, folded)
        for folded in (reads * readers <= reads + readers, np.ones(d, dtype=bool))
    ]
    return min(choices, key=lambda choice: choice[1].nnz)


def _fold(matrix, offset, first, rest, biases, folded) -> tuple[int, sparse.csr_array, np.ndarray]:
    kept = ~folded
    n_kept = int(kept.sum())
    direct = first[:, folded] @ matrix[folded]
    biases = biases + first[:, folded] @ offset[folded]
    rows = [[direct, first[:, kept], rest]]
    if n_kept:
        linear = sparse.csr_array((n_kept, n_kept + rest.shape[1]))
        rows = [[sparse.hstack([matrix[kept], linear])], [sparse.hstack(rows[0])]]
    joined = sparse.csr_array(sparse.block_array(rows))
    joined.eliminate_zeros()
    return n_kept, joined, np.concatenate([offset[kept], biases])


@singledispatch
def _affine_map(step: object) -> tuple[np.ndarray, np.ndarray]:
    """Matrix, or its diagonal where it has nothing else, and offset of a fitted step."""
    raise TypeError(
        f"Can't export {type(step).__name__}: {step!r}. Known ahead of a SCANNClassifier are "
        "DimReducer, PCA, StandardScaler, MinMaxScaler, MaxAbsScaler and RobustScaler."
    )


@_affine_map.register
def _(step: DimReducer) -> tuple[np.ndarray, np.ndarray]:
    check_is_fitted(step, "reducer_")
    if not step.is_affine_:
        raise ValueError(
            f"Can't export DimReducer(method={step.method!r}): it is no affine map, a device would "
            "have to keep all landmarks. Use one of the affine methods, such as 'pca' or "
            "'sparse_rp'."
        )
    matrix, offset = step.to_affine()
    return (np.diag(matrix) if METHODS[step.method].is_diagonal else matrix), offset


@_affine_map.register
def _(step: PCA) -> tuple[np.ndarray, np.ndarray]:
    check_is_fitted(step)
    matrix = np.asarray(step.components_, float)
    if step.whiten:
        deviation = np.sqrt(step.explained_variance_)
        matrix = matrix / np.maximum(deviation, np.finfo(deviation.dtype).eps)[:, None]
    return matrix, -matrix @ step.mean_


@_affine_map.register
def _(step: StandardScaler) -> tuple[np.ndarray, np.ndarray]:
    check_is_fitted(step)
    return _scaling(step, step.mean_ if step.with_mean else None, step.scale_)


@_affine_map.register
def _(step: RobustScaler) -> tuple[np.ndarray, np.ndarray]:
    check_is_fitted(step)
    return _scaling(step, step.center_, step.scale_)


@_affine_map.register(MinMaxScaler)
@_affine_map.register(MaxAbsScaler)
def _(step: Any) -> tuple[np.ndarray, np.ndarray]:
    check_is_fitted(step)
    if getattr(step, "clip", False):
        raise ValueError(f"Can't export {step!r}: clipping is no affine map. Use clip=False.")
    if isinstance(step, MinMaxScaler):
        return np.asarray(step.scale_, float), np.asarray(step.min_, float)
    return _scaling(step, None, step.scale_)


def _scaling(step, center, scale) -> tuple[np.ndarray, np.ndarray]:
    factor = np.ones(step.n_features_in_) if scale is None else 1 / np.asarray(scale, float)
    return factor, np.zeros_like(factor) if center is None else -factor * center
