"""From a fitted estimator or pipeline to a program: steps ahead of a network are folded in."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from scann_sklearn.export._followed_steps import features_behind
from scann_sklearn.export._refusal import refused
from scann_sklearn.model._model import HoldsModel, Model, model_of
from scann_sklearn.model._program import Program
from scann_sklearn.model._rows import program_of_rows
from scann_sklearn.model._steps import steps_of
from scann_sklearn.network._map_network import MapNetwork


def program_of(model: Any, precision: str | None = None) -> Program:
    """Fold a fitted model into a program.

    Parameters
    ----------
    model : SCANNClassifier, SCANNRegressor, Pipeline or search
        A fitted estimator, a pipeline of steps that are followed and ends with one, or a search
        over these.
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
        If a step has no equivalent: Isomap, spectral embedding, a scaler that clips, categories
        that are strings. If the network reads principal components that are rounding errors.
    NotFittedError
        If a part of the model is not fitted.
    """
    steps, found = _steps_and_model(model)
    return _folded(steps, found, precision)


def reached_program_of(model: Any, precision: str | None = None) -> Program:
    """Fold what samples may get to: without all that is behind an exit that everybody leaves at.

    Parameters
    ----------
    model : SCANNClassifier, SCANNRegressor, EarlyExitClassifier, Pipeline or search
        See `program_of`.
    precision : {"float32", "float64"}, default=None
        See `program_of`.

    Returns
    -------
    program : Program
        With the answers of `program_of`, but perhaps fewer exits.

    Raises
    ------
    TypeError, ValueError, NotFittedError
        See `program_of`.
    """
    steps, found = _steps_and_model(model)
    return _folded(steps, found.reached(), precision)


def _steps_and_model(model) -> tuple[list[Any], Model]:
    """The steps ahead of the network, and this."""
    *steps, estimator = steps_of(model)
    if not isinstance(estimator, HoldsModel):
        raise TypeError(
            "Only a SCANNClassifier, EarlyExitClassifier or SCANNRegressor, a pipeline that ends "
            "with one or a search over these can be exported, got "
            f"{type(estimator).__name__}: {estimator!r}."
        )
    found = model_of(estimator)
    if not estimator._reads_features:
        name = "sections" if getattr(estimator, "sections", None) else "feature_extractor"
        raise NotImplementedError(
            f"The torch module of a {type(estimator).__name__} with {name} can't be exported. "
            "Export the module "
            "with torch, and fit and export an estimator on the features that it "
            "outputs; or export to_torch() with torch."
        )
    return steps, found


def _folded(steps, found, precision) -> Program:
    """One program of the steps and the network behind them."""
    if not steps:
        return found.to_program()
    if isinstance(found.network, MapNetwork):
        raise refused(
            "Nothing can be multiplied into a convolution yet, whose weights are the same at every "
            "position: there is a step ahead of maps",
            steps[0],
            "export the last step alone, model[-1], and prepare its images yourself",
        )
    d = found.network.topology.n_inputs
    dtype = np.dtype(precision or found.weights.dtype)
    features = features_behind(steps, dtype)
    for rounding in features.roundings:
        rounding.check(sparse.csc_array(found.weights)[:, :d], np.finfo(dtype).eps)
    matrix, front = features.front()
    n_linear, weights, biases = _join(matrix, features.offset, found.weights, found.biases, d)
    return program_of_rows(
        weights,
        biases,
        found.head,
        n_features=features.n_raw,
        n_linear=n_linear,
        dtype=found.weights.dtype,
        front=front,
    )


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
