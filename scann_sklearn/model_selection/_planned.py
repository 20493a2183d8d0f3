"""What one inference of an estimator will consist of, before it is fitted."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeCV,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from scann_sklearn.estimators._base import SynthesisingEstimator
from scann_sklearn.estimators._early_exit import EarlyExitClassifier
from scann_sklearn.estimators._images import Images
from scann_sklearn.estimators._validation import check_bound, check_scheme, hidden_layers
from scann_sklearn.heads._class_head import ClassHead
from scann_sklearn.heads._head import Head
from scann_sklearn.metrics._scikit_learn import perceptron_stages
from scann_sklearn.model._stages import (
    OffersStages,
    Stage,
    comparison_stage,
    dense_stage,
    network_stage,
    scaling_stage,
)
from scann_sklearn.model._steps import last_of
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.reduction._dim_reducer import DimReducer
from scann_sklearn.reduction._stages import planned_stages


@dataclass(frozen=True)
class Data:
    """What is known of the data before a fit.

    Parameters
    ----------
    n_samples : int
        Number of training samples of the smallest split.
    shape : tuple of int
        Of one sample.
    head : Head
        What the outputs will mean.
    """

    n_samples: int
    shape: tuple[int, ...]
    head: Head

    @property
    def n_features(self) -> int:
        """Numbers of one sample."""
        return int(np.prod(self.shape))


class Plan(OffersStages):
    """Stands for an estimator that is not fitted, where a meter counts what it does.

    Parameters
    ----------
    estimator : estimator
        Its parameters decide.
    data : Data
        What is known of the data.

    Raises
    ------
    TypeError
        If the stages of a part of it depend on the fit, or are not known.
    ValueError
        If its parameters don't fit the data.
    """

    def __init__(self, estimator: Any, data: Data) -> None:
        self._stages, _ = planned(estimator, data)

    def _inference_stages(self) -> list[Stage]:
        return self._stages


Planned = tuple[list[Stage], Data]  # with what is known of its output


@singledispatch
def planned(estimator: Any, data: Data) -> Planned:
    """List the stages of an estimator that is not fitted, and say what leaves it."""
    raise TypeError(
        f"Can't price {type(estimator).__name__} before it is fitted: {estimator!r}. "
        "Known are SCANNClassifier, SCANNRegressor, DimReducer, and of scikit-learn "
        "perceptrons, linear models, PCA, SelectKBest, SimpleImputer, scalers and "
        "pipelines of these. For others, pass a function: cost(estimator, "
        "n_features, n_outputs)."
    )


@planned.register(str)  # "passthrough"
@planned.register(type(None))
def _(estimator: Any, data: Data) -> Planned:
    return [], data


@planned.register
def _(estimator: Pipeline, data: Data) -> Planned:
    stages = []
    for _, step in estimator.steps:
        found, data = planned(step, data)
        stages += found
    return stages, data


@planned.register(StandardScaler)
@planned.register(MinMaxScaler)
@planned.register(MaxAbsScaler)
@planned.register(RobustScaler)
def _(estimator: Any, data: Data) -> Planned:
    clipped = getattr(estimator, "clip", False)
    return [scaling_stage(data.n_features, clipped=clipped)], data


@planned.register
def _(estimator: SimpleImputer, data: Data) -> Planned:
    if estimator.add_indicator:
        raise TypeError(
            f"Can't price {estimator!r} before it is fitted: the number of features "
            "that its indicator adds depends on the data."
        )
    return [comparison_stage(data.n_features)], data


@planned.register
def _(estimator: SelectKBest, data: Data) -> Planned:
    if estimator.k == "all":
        return [], data
    return [], replace(data, shape=(min(estimator.k, data.n_features),))


@planned.register
def _(estimator: PCA, data: Data) -> Planned:
    wanted, n_features = estimator.n_components, data.n_features
    if wanted is not None and not isinstance(wanted, Integral):
        raise TypeError(
            f"Can't price PCA(n_components={wanted!r}) before it is fitted: set "
            "n_components to an integer."
        )
    most = min(n_features, data.n_samples)
    n = most if wanted is None else int(wanted)
    if n > most:
        raise ValueError(f"PCA(n_components={n}) asks for more than there are, {most}.")
    stage = dense_stage(n_features, n, reduction=True, folds_after=True)
    return [stage], replace(data, shape=(n,))


@planned.register
def _(estimator: DimReducer, data: Data) -> Planned:
    stages, n_components = planned_stages(estimator, data.n_samples, data.n_features)
    return stages, replace(data, shape=(n_components,))


@planned.register(LogisticRegression)
@planned.register(LinearRegression)
@planned.register(Ridge)
@planned.register(RidgeCV)
@planned.register(Lasso)
@planned.register(ElasticNet)
def _(estimator: Any, data: Data) -> Planned:
    n_comparisons = data.head.comparisons
    return [dense_stage(data.n_features, data.head.n_outputs, comparisons=n_comparisons)], data


@planned.register(MLPClassifier)
@planned.register(MLPRegressor)
def _(estimator: Any, data: Data) -> Planned:
    head = data.head
    hidden = [int(size) for size in np.ravel(estimator.hidden_layer_sizes)]
    sizes = [data.n_features, *hidden, head.n_outputs]
    is_softmax = isinstance(head, ClassHead) and head.n_outputs > 1
    out = "softmax" if is_softmax else "logistic" if head.comparisons else "identity"
    return perceptron_stages(list(pairwise(sizes)), estimator.activation, out), data


@planned.register
def _(estimator: EarlyExitClassifier, data: Data) -> Planned:
    raise TypeError(
        "Can't price an EarlyExitClassifier before it is fitted: its cost is a mean "
        "over exits, whose thresholds the fit determines. Pass a function: "
        "cost(estimator, n_features, n_outputs)."
    )


@planned.register
def _(estimator: SynthesisingEstimator, data: Data) -> Planned:
    if estimator.feature_extractor is not None:
        raise TypeError(
            "Can't price a network with a feature_extractor before it is fitted: the "
            "number of features that it outputs is not known. Pass a function: "
            "cost(estimator, n_features, n_outputs)."
        )
    head, scheme, front = data.head, check_scheme(estimator), _front_of(estimator, data)
    n_read = data.n_features if front is None else front.target.size
    bound = check_bound(estimator, scheme, (n_read, head.n_outputs), front)
    largest = scheme.largest(n_read, head.n_outputs, hidden_layers(estimator))
    if bound is None:
        convolutions = () if front is None else front.layers
        bound = largest.n_allowed + sum(layer.n_allowed for layer in convolutions)
    # each of its hidden neurons has at least a connection in and one out
    n_hidden = min(largest.n_hidden, bound // 2)
    stage = network_stage(bound, n_hidden, head, n_read)
    return [stage], data


def has_maps(estimator: Any) -> bool:
    """Whether the network of an estimator begins with convolutions."""
    front_end = getattr(last_of(estimator), "front_end", None)
    return front_end is not None and bool(front_end.layers)


def _front_of(estimator: SynthesisingEstimator, data: Data) -> MapFront | None:
    images = Images.of(estimator.front_end, np.empty((0, *data.shape)))
    return None if images is None else images.of_rows(data.n_features).front
