"""A reduction as the first layer of the network behind it: it can be pruned and trained too."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from scann_sklearn.estimators._fitted import fitted_attributes
from scann_sklearn.estimators._path import path_point
from scann_sklearn.estimators._validation import hidden_layers
from scann_sklearn.heads._exits import Exits
from scann_sklearn.model._model import HoldsModel, Model, model_of
from scann_sklearn.model._steps import steps_of
from scann_sklearn.network import Network, Topology
from scann_sklearn.reduction._dim_reducer import DimReducer

_MARGIN = 1.0  # how far from the samples components stay exact, in units of their range


def absorb_reduction(pipeline: Any, X: Any) -> Any:
    """Make the reduction of a fitted pipeline the first layer of its network.

    In a DR+SCANN pipeline the network is small but the reduction is not: every component reads
    every feature. As a layer of the network, its connections can be pruned and trained like all
    others: set ``warm_start=True`` and a smaller `n_connections`, and fit the result to the raw
    features.

    Parameters
    ----------
    pipeline : Pipeline or search
        A fitted pipeline of two steps, or a search over one: a :class:`DimReducer` with an affine
        method (see its ``is_affine_``), and a :class:`SCANNClassifier` or :class:`SCANNRegressor`.
    X : array-like of shape (n_samples, n_features)
        Samples with raw features, such as the training data. They determine the range of the
        components.

    Returns
    -------
    estimator : SCANNClassifier or SCANNRegressor
        A fitted estimator for raw features. Its predictions are those of the pipeline, for samples
        whose components are no more than one range below those of `X`. Components even further
        below are raised to that value.

    Raises
    ------
    TypeError
        If the pipeline has other steps.
    ValueError
        If the reduction is not affine.
    NotFittedError
        If the pipeline is not fitted.

    See Also
    --------
    DimReducer : Dimensionality reduction before the network.

    Notes
    -----
    Each component becomes a neuron whose bias is so large that its sum is positive for all these
    samples. The ReLU therefore doesn't change it, and the biases of the neurons behind it undo the
    shift. Components that the network doesn't read are left out.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.pipeline import make_pipeline
    >>> from scann_sklearn import DimReducer, SCANNClassifier, absorb_reduction
    >>> X, y = load_digits(return_X_y=True)
    >>> scann = SCANNClassifier("B", n_connections=200, random_state=0)
    >>> pipe = make_pipeline(
    ...     DimReducer("pca", ratio=4, random_state=0), scann
    ... ).fit(X, y)
    >>> whole = absorb_reduction(pipe, X)
    >>> bool((whole.predict(X) == pipe.predict(X)).all())
    True
    >>> whole.n_connections_ > 900  # most are those of the reduction
    True
    >>> small = whole.set_params(warm_start=True, n_connections=400).fit(X, y)
    >>> small.n_connections_ <= 400
    True
    """
    reducer, estimator = _reducer_and_network(pipeline)
    matrix, offset = reducer.to_affine()
    components = reducer.transform(X)
    model = model_of(estimator)
    network = _joined(model.network, matrix, offset, components)
    new = clone(estimator)
    layers = (network.n_hidden - model.n_hidden, *hidden_layers(estimator))
    new.set_params(hidden_layer_sizes=layers)
    given = new.get_params(deep=False)
    fitted = {name: value for name, value in vars(estimator).items() if name not in given}
    joined = Model(network, model.head)
    score = estimator.path_[-1].validation_score if estimator.path_ else np.nan
    own = {
        "n_features_in_": reducer.n_features_in_,
        "path_": [path_point(joined, score)],
        "history_": [],
        "feature_deviations_": np.std(np.asarray(X, dtype=np.float64), axis=0),
    }
    fitted.pop("feature_names_in_", None)
    if hasattr(reducer, "feature_names_in_"):
        own["feature_names_in_"] = reducer.feature_names_in_
    vars(new).update(fitted | fitted_attributes(joined) | own)
    return new


def _reducer_and_network(pipeline) -> tuple[DimReducer, Any]:
    steps = steps_of(pipeline)
    fits = len(steps) == 2 and isinstance(steps[0], DimReducer) and isinstance(steps[1], HoldsModel)
    if not fits:
        names = " -> ".join(type(step).__name__ for step in steps)
        raise TypeError(
            "absorb_reduction takes a pipeline of a DimReducer and a SCANNClassifier or "
            f"SCANNRegressor, got {names}."
        )
    check_is_fitted(steps[1], "weights_")
    if isinstance(model_of(steps[1]).head, Exits):
        raise TypeError(
            f"absorb_reduction doesn't know which section of a {type(steps[1]).__name__} a "
            "component belongs to: fit it on raw features, or leave the reduction ahead of it."
        )
    if steps[1]._ahead is not None:
        raise TypeError(
            "absorb_reduction takes networks that read the components themselves, without "
            "front_end or feature_extractor."
        )
    return steps[0], steps[1]


def _joined(network, matrix, offset, components) -> Network:
    """The network of raw features, with a neuron for each component that it reads."""
    t, dtype = network.topology, network.weight.dtype
    read = t.used_inputs
    low = components[:, read].min(axis=0)
    low = low - _MARGIN * (components[:, read].max(axis=0) - low)
    rows = sparse.csr_array(matrix[read])
    rows.eliminate_zeros()
    n_raw, n_new = rows.shape[1], len(read)
    position = np.empty(t.n_inputs, dtype=np.int64)
    position[read] = n_raw + np.arange(n_new)
    from_input = t.indices < t.n_inputs
    own = np.minimum(t.indices, t.n_inputs - 1)
    indices = np.where(from_input, position[own], t.indices - t.n_inputs + n_raw + n_new)
    shift = np.zeros(t.n_inputs)
    shift[read] = low
    taken = np.where(from_input, network.weight * shift[own], 0.0)
    bias = network.bias + np.bincount(t.targets, taken, minlength=t.n_targets)
    topology = Topology(
        n_raw,
        t.n_outputs,
        np.append(rows.indptr[:-1], rows.indptr[-1] + t.indptr),
        np.append(rows.indices, indices),
    )
    return Network(
        topology,
        np.append(rows.data, network.weight).astype(dtype),
        np.append(offset[read] - low, bias).astype(dtype),
    )
