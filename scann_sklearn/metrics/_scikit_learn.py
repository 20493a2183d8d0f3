"""What each kind of scikit-learn's estimators does for one inference."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace
from functools import singledispatch

from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeCV,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.validation import check_is_fitted

from scann_sklearn.heads._class_head import decision
from scann_sklearn.metrics._trees import (
    boosting_stage,
    forest_stage,
    hist_boosting_stage,
    tree_stage,
    value_forest_stage,
    value_tree_stage,
)
from scann_sklearn.model._stages import Stage, dense_stage, scaling_stage


@singledispatch
def scikit_learn_stages(estimator: object) -> list[Stage]:
    """List what a fitted estimator of scikit-learn does for one inference."""
    raise TypeError(
        f"Can't count the operations of {type(estimator).__name__}: {estimator!r}. Known are "
        "SCANNClassifier, SCANNRegressor, DimReducer, and of scikit-learn perceptrons "
        "(MLPClassifier, MLPRegressor), linear models (LogisticRegression, LinearRegression, "
        "Ridge, RidgeCV, Lasso, ElasticNet), decision trees, forests, extra trees and gradient "
        "boosting of classifiers and regressors, PCA, StandardScaler, MinMaxScaler, MaxAbsScaler, "
        "RobustScaler, feature selectors, SimpleImputer, MissingIndicator, OneHotEncoder, "
        "OrdinalEncoder, ColumnTransformer and FeatureUnion of these, pipelines of these and "
        "searches over them."
    )


@scikit_learn_stages.register(MLPClassifier)
@scikit_learn_stages.register(MLPRegressor)
def _(estimator: MLPClassifier) -> list[Stage]:
    check_is_fitted(estimator)
    shapes = [weights.shape for weights in estimator.coefs_]
    return perceptron_stages(shapes, estimator.activation, estimator.out_activation_)


def perceptron_stages(
    shapes: list[tuple[int, int]], activation: str, out_activation: str
) -> list[Stage]:
    """List what a multilayer perceptron does for one inference.

    Parameters
    ----------
    shapes : list of (int, int)
        Sources and targets of each layer of weights.
    activation, out_activation : str
        As scikit-learn calls those of the hidden neurons and of the outputs.

    Returns
    -------
    stages : list of Stage
        One for each layer.
    """
    *hidden, (n_last, n_outputs) = shapes
    stages = [
        Stage(
            n_sources=n_in,
            n_targets=n_out,
            n_connections=n_in * n_out,
            n_biases=n_out,
            comparisons=n_out if activation == "relu" else 0,
            table_reads=n_out if activation in ("tanh", "logistic") else 0,
            folds_before=True,
        )
        for n_in, n_out in hidden
    ]
    # Several logistic outputs are several decisions (multilabel), softmax is a single one, and
    # values are none.
    decisions = {"softmax": decision(n_outputs), "logistic": n_outputs}
    n_comparisons = decisions.get(out_activation, 0)
    return [*stages, dense_stage(n_last, n_outputs, comparisons=n_comparisons)]


@scikit_learn_stages.register
def _(estimator: LogisticRegression) -> list[Stage]:
    check_is_fitted(estimator)
    n_outputs, n_features = estimator.coef_.shape
    stage = dense_stage(n_features, n_outputs, comparisons=decision(n_outputs))
    if sparse.issparse(estimator.coef_):  # after LogisticRegression.sparsify()
        stage = replace(stage, n_connections=estimator.coef_.nnz, indexed=True)
    return [stage]


@scikit_learn_stages.register(LinearRegression)
@scikit_learn_stages.register(Ridge)
@scikit_learn_stages.register(RidgeCV)
@scikit_learn_stages.register(Lasso)
@scikit_learn_stages.register(ElasticNet)
def _(estimator: LinearRegression) -> list[Stage]:
    check_is_fitted(estimator)
    n_outputs = 1 if estimator.coef_.ndim == 1 else len(estimator.coef_)
    return [dense_stage(estimator.n_features_in_, n_outputs)]


@scikit_learn_stages.register
def _(estimator: DecisionTreeRegressor) -> list[Stage]:
    return [value_tree_stage(estimator)]


@scikit_learn_stages.register(RandomForestRegressor)
@scikit_learn_stages.register(ExtraTreesRegressor)
def _(estimator: RandomForestRegressor) -> list[Stage]:
    return [value_forest_stage(estimator)]


@scikit_learn_stages.register
def _(estimator: DecisionTreeClassifier) -> list[Stage]:
    return [tree_stage(estimator)]


@scikit_learn_stages.register(RandomForestClassifier)
@scikit_learn_stages.register(ExtraTreesClassifier)
def _(estimator: RandomForestClassifier) -> list[Stage]:
    return [forest_stage(estimator)]


@scikit_learn_stages.register(GradientBoostingClassifier)
@scikit_learn_stages.register(GradientBoostingRegressor)
def _(estimator: GradientBoostingClassifier) -> list[Stage]:
    return [boosting_stage(estimator)]


@scikit_learn_stages.register(HistGradientBoostingClassifier)
@scikit_learn_stages.register(HistGradientBoostingRegressor)
def _(estimator: HistGradientBoostingClassifier) -> list[Stage]:
    return [hist_boosting_stage(estimator)]


@scikit_learn_stages.register
def _(estimator: PCA) -> list[Stage]:
    check_is_fitted(estimator)
    n_components, n_features = estimator.components_.shape
    return [dense_stage(n_features, n_components, reduction=True, folds_after=True)]


@scikit_learn_stages.register(StandardScaler)
@scikit_learn_stages.register(MinMaxScaler)
@scikit_learn_stages.register(MaxAbsScaler)
@scikit_learn_stages.register(RobustScaler)
def _(estimator: StandardScaler) -> list[Stage]:
    check_is_fitted(estimator)
    # Clipping stays when the scaling is folded: both bounds are moved back to the raw feature.
    clipped = getattr(estimator, "clip", False)
    return [scaling_stage(estimator.n_features_in_, clipped=clipped)]
