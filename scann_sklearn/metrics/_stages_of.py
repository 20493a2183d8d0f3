"""What each kind of estimator does for one inference."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace
from functools import singledispatch

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
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

from scann_sklearn.heads._classes import decision
from scann_sklearn.metrics._trees import (
    boosting_stage,
    forest_stage,
    hist_boosting_stage,
    tree_stage,
)
from scann_sklearn.model._model import Model
from scann_sklearn.model._stages import (
    OffersStages,
    Stage,
    dense_stage,
    merge_scalings,
    scaling_stage,
)
from scann_sklearn.model._steps import steps_of


def inference_stages(estimator: object, *, include_reduction: bool = True) -> list[Stage]:
    """List what `estimator` does for one inference, scalings merged where they can be."""
    stages = merge_scalings(stage for step in steps_of(estimator) for stage in stages_of(step))
    return [stage for stage in stages if include_reduction or not stage.reduction]


@singledispatch
def stages_of(estimator: object) -> list[Stage]:
    """List what a fitted estimator does for one inference, nothing merged yet."""
    raise TypeError(
        f"Can't count the operations of {type(estimator).__name__}: {estimator!r}. Known are "
        "SCANNClassifier, MLPClassifier, LogisticRegression, DecisionTreeClassifier, "
        "ExtraTreeClassifier, RandomForestClassifier, ExtraTreesClassifier, "
        "GradientBoostingClassifier, HistGradientBoostingClassifier, DimReducer, PCA, "
        "StandardScaler, MinMaxScaler, MaxAbsScaler, RobustScaler, pipelines of these and searches "
        "over them."
    )


@stages_of.register
def _(estimator: Model) -> list[Stage]:
    return estimator.stages()


@stages_of.register
def _(estimator: OffersStages) -> list[Stage]:
    return estimator._inference_stages()


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
