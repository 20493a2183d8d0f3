"""What each kind of estimator does for one inference."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace
from functools import singledispatch

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

from scann_sklearn._classifier import SCANNClassifier
from scann_sklearn._dim_reducer import DimReducer
from scann_sklearn._sklearn import BaseSearchCV
from scann_sklearn.metrics._stages import (
    Stage,
    decision,
    dense_stage,
    fold,
    network_stage,
    scaling_stage,
)
from scann_sklearn.metrics._trees import (
    boosting_stage,
    forest_stage,
    hist_boosting_stage,
    tree_stage,
)


def inference_stages(estimator: object, *, include_reduction: bool = True) -> list[Stage]:
    """List what `estimator` does for one inference, scalings folded where they can be."""
    stages = fold(stages_of(estimator))
    return [stage for stage in stages if include_reduction or not stage.reduction]


@singledispatch
def stages_of(estimator: object) -> list[Stage]:
    """List what a fitted estimator does for one inference, nothing folded yet."""
    raise TypeError(
        f"Can't count the operations of {type(estimator).__name__}: {estimator!r}. Known are "
        "SCANNClassifier, MLPClassifier, LogisticRegression, DecisionTreeClassifier, "
        "ExtraTreeClassifier, RandomForestClassifier, ExtraTreesClassifier, "
        "GradientBoostingClassifier, HistGradientBoostingClassifier, DimReducer, PCA, "
        "StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, pipelines of these and searches "
        "over them."
    )


@stages_of.register
def _(estimator: Pipeline) -> list[Stage]:
    steps = [step for _, step in estimator.steps if step is not None and step != "passthrough"]
    return [stage for step in steps for stage in stages_of(step)]


@stages_of.register
def _(estimator: BaseSearchCV) -> list[Stage]:
    check_is_fitted(
        estimator,
        "best_estimator_",
        msg="This %(name)s has no best estimator yet: call fit, with refit other than False.",
    )
    return stages_of(estimator.best_estimator_)


@stages_of.register
def _(estimator: SCANNClassifier) -> list[Stage]:
    check_is_fitted(estimator, "weights_")
    return [
        network_stage(
            estimator.weights_.nnz,
            estimator.n_hidden_,
            estimator.n_outputs_,
            estimator.n_features_in_,
        )
    ]


@stages_of.register
def _(estimator: MLPClassifier) -> list[Stage]:
    check_is_fitted(estimator)
    *hidden, (n_last, n_outputs) = (weights.shape for weights in estimator.coefs_)
    stages = [
        Stage(
            n_sources=n_in,
            n_targets=n_out,
            n_connections=n_in * n_out,
            n_biases=n_out,
            comparisons=n_out if estimator.activation == "relu" else 0,
            table_reads=n_out if estimator.activation in ("tanh", "logistic") else 0,
            folds_before=True,
        )
        for n_in, n_out in hidden
    ]
    # Several logistic outputs are several decisions (multilabel), softmax is a single one.
    one_decision = estimator.out_activation_ == "softmax"
    n_comparisons = decision(n_outputs) if one_decision else n_outputs
    return [*stages, dense_stage(n_last, n_outputs, comparisons=n_comparisons)]


@stages_of.register
def _(estimator: LogisticRegression) -> list[Stage]:
    check_is_fitted(estimator)
    n_outputs, n_features = estimator.coef_.shape
    stage = dense_stage(n_features, n_outputs, comparisons=decision(n_outputs))
    if sparse.issparse(estimator.coef_):  # after LogisticRegression.sparsify()
        stage = replace(stage, n_connections=estimator.coef_.nnz, indexed=True)
    return [stage]


@stages_of.register
def _(estimator: DecisionTreeClassifier) -> list[Stage]:
    return [tree_stage(estimator)]


@stages_of.register(RandomForestClassifier)
@stages_of.register(ExtraTreesClassifier)
def _(estimator: RandomForestClassifier) -> list[Stage]:
    return [forest_stage(estimator)]


@stages_of.register
def _(estimator: GradientBoostingClassifier) -> list[Stage]:
    return [boosting_stage(estimator)]


@stages_of.register
def _(estimator: HistGradientBoostingClassifier) -> list[Stage]:
    return [hist_boosting_stage(estimator)]


@stages_of.register
def _(estimator: PCA) -> list[Stage]:
    check_is_fitted(estimator)
    n_components, n_features = estimator.components_.shape
    return [dense_stage(n_features, n_components, reduction=True, folds_after=True)]


@stages_of.register(StandardScaler)
@stages_of.register(MinMaxScaler)
@stages_of.register(MaxAbsScaler)
@stages_of.register(RobustScaler)
def _(estimator: StandardScaler) -> list[Stage]:
    check_is_fitted(estimator)
    # Clipping stays when the scaling is folded: both bounds are moved back to the raw feature.
    clipped = getattr(estimator, "clip", False)
    return [scaling_stage(estimator.n_features_in_, clipped=clipped)]


@stages_of.register
def _(estimator: DimReducer) -> list[Stage]:
    check_is_fitted(estimator, "reducer_")
    n_features, n_components = estimator.n_features_in_, estimator.n_components_
    scaling = [scaling_stage(n_features)] if estimator.normalize else []
    if estimator.method == "passthrough":
        return scaling
    if not estimator.is_affine_:
        return [*scaling, *_landmark_stages(estimator)]
    stage = dense_stage(n_features, n_components, reduction=True, folds_after=True)
    if estimator.method == "sparse_rp":  # the one map that is stored without its zeros
        matrix, _ = estimator.to_affine()
        stage = replace(stage, n_connections=int(np.count_nonzero(matrix)), indexed=True)
    return [stage]


def _landmark_stages(estimator: DimReducer) -> list[Stage]:
    """Squared distances to the landmarks, what is made of them, and the extension product."""
    embedding = estimator.reducer_
    n_landmarks, n_coordinates = embedding.n_landmarks_, embedding.n_coordinates_
    if not n_coordinates:  # a single landmark: every coordinate is 0
        return []
    n_neighbors = min(embedding.n_neighbors, n_landmarks - 1)
    distances = Stage(
        n_sources=estimator.n_features_in_,
        n_targets=n_landmarks,
        n_connections=n_landmarks * estimator.n_features_in_,
        comparisons=n_landmarks * n_neighbors,  # the nearest ones
        reduction=True,
    )
    if estimator.method == "isomap":
        # To each landmark the shortest of n_neighbors paths, an addition each, squared.
        between = Stage(
            n_sources=n_neighbors,
            n_targets=n_landmarks,
            n_connections=n_landmarks * (n_neighbors + 1),
            n_weights=n_landmarks**2,
            comparisons=n_landmarks * (n_neighbors - 1),
            table_reads=n_neighbors,  # their square roots
            reduction=True,
        )
        extension = dense_stage(n_landmarks, n_coordinates, reduction=True, folds_after=True)
        return [distances, between, extension]
    # The kernel of each landmark: the distance over two widths, less the smallest.
    kernel = Stage(
        n_sources=n_landmarks,
        n_targets=n_landmarks,
        n_connections=2 * n_landmarks,
        n_weights=n_landmarks,
        comparisons=n_landmarks - 1,
        table_reads=n_landmarks + 1,  # the exponentials, and the square root for the own width
        reduction=True,
    )
    # A weighted mean: the sum of weights is one more row of ones, and divides every coordinate.
    extension = Stage(
        n_sources=n_landmarks,
        n_targets=n_coordinates + 1,
        n_connections=n_landmarks * (n_coordinates + 1) + n_coordinates,
        n_weights=n_landmarks * n_coordinates,
        reduction=True,
        folds_after=True,
    )
    return [distances, kernel, extension]
