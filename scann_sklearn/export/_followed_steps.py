"""Steps that are followed ahead of a network: what each makes of the features before it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings
from copy import copy
from functools import singledispatch
from itertools import count
from numbers import Real
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder
from sklearn.utils.validation import check_is_fitted

from scann_sklearn._sklearn import BaseSearchCV
from scann_sklearn.export._affine_steps import affine_map
from scann_sklearn.export._feature_map import FeatureMap
from scann_sklearn.export._refusal import refused
from scann_sklearn.export._rounding import Rounding
from scann_sklearn.model._steps import branches_of, steps_of


def features_behind(steps: list[Any], dtype: np.dtype) -> FeatureMap:
    """What steps make of raw features.

    Parameters
    ----------
    steps : list of estimator
        Fitted steps, at least one.
    dtype : dtype
        In which the program will be computed.

    Returns
    -------
    features : FeatureMap
        Features behind the last one.

    Raises
    ------
    TypeError
        If a step is of an unknown kind.
    ValueError
        If it has no equivalent.
    NotFittedError
        If it is not fitted.
    """
    check_is_fitted(steps[0])
    features = FeatureMap.raw(steps[0].n_features_in_, dtype)
    for step in steps:
        features = _follow(step, features)
    return features


@singledispatch
def _follow(step: Any, features: FeatureMap) -> FeatureMap:
    check_is_fitted(step)
    return features.then(*affine_map(step), Rounding.of(step))


@_follow.register(Pipeline)
@_follow.register(BaseSearchCV)
def _(step: Any, features: FeatureMap) -> FeatureMap:
    for inner in steps_of(step):
        features = _follow(inner, features)
    return features


@_follow.register
def _(step: str, features: FeatureMap) -> FeatureMap:
    return features if step == "passthrough" else features.selected(np.array([], dtype=int))


@_follow.register
def _(step: FunctionTransformer, features: FeatureMap) -> FeatureMap:
    if step.func is not None:
        raise refused(
            "A function may compute anything", step, "apply it to the samples ahead of the pipeline"
        )
    return features


@_follow.register
def _(step: SelectorMixin, features: FeatureMap) -> FeatureMap:
    return features.selected(step.get_support(indices=True))


@_follow.register(ColumnTransformer)
@_follow.register(FeatureUnion)
def _(step: Any, features: FeatureMap) -> FeatureMap:
    check_is_fitted(step)
    maps = []
    for branch in branches_of(step):
        behind = features.selected(branch.columns)
        if len(branch.columns):
            behind = _follow(branch.step, behind)
        weights = np.full(len(behind.offset), float(branch.weight))
        maps.append(behind.then(sparse.diags_array(weights)))
    return FeatureMap.stacked(maps)


@_follow.register
def _(step: SimpleImputer, features: FeatureMap) -> FeatureMap:
    check_is_fitted(step)
    _check_missing(step)
    statistics = np.array([_number(value, step) for value in step.statistics_])
    if step.keep_empty_features:
        statistics = np.nan_to_num(statistics)  # what is kept of a feature without any value
    kept = np.flatnonzero(~np.isnan(statistics))
    filled = features.selected(kept).filled(step, statistics[kept])
    if not step.add_indicator:
        return filled
    return FeatureMap.stacked([filled, _follow(step.indicator_, features)])


@_follow.register
def _(step: MissingIndicator, features: FeatureMap) -> FeatureMap:
    check_is_fitted(step)
    _check_missing(step)
    return features.selected(step.features_).missing(step)


def _check_missing(step) -> None:
    if not (isinstance(step.missing_values, Real) and np.isnan(float(step.missing_values))):
        raise refused(
            "In a program only NaN stands for a missing value", step, "use missing_values=np.nan"
        )


@_follow.register(OneHotEncoder)
@_follow.register(OrdinalEncoder)
def _(step: Any, features: FeatureMap) -> FeatureMap:
    check_is_fitted(step)
    categories = [np.array([_number(c, step) for c in values]) for values in step.categories_]
    known, unknown = _encode(step, categories)
    if not (np.isfinite(known.data).all() and np.isfinite(unknown).all()):
        raise refused(
            "A program can't have NaN as a code",
            step,
            "set encoded_missing_value or unknown_value to a number",
        )
    # Codes of one feature don't depend on the others: each category adds what makes its code.
    return features.compared(step, categories).then(known.T, unknown)


def _encode(step, categories) -> tuple[sparse.csr_array, np.ndarray]:
    """What an encoder makes of each category, less what it makes of unknown ones; and the latter.

    An encoder that refuses what is unknown has no answer for it; here it becomes 0.
    """
    encoder = copy(step)
    vars(encoder).pop("feature_names_in_", None)
    if isinstance(step, OneHotEncoder):
        encoder.sparse_output = True
        if step.handle_unknown in ("error", "warn"):
            is_error = step.handle_unknown == "error"
            encoder.handle_unknown = "ignore" if is_error else "infrequent_if_exist"
    elif step.handle_unknown == "error":
        encoder.handle_unknown, encoder.unknown_value = "use_encoded_value", 0
    unknown = [next(k for k in count() if k not in set(values.tolist())) for values in categories]
    n = sum(map(len, categories))
    rows = np.tile(np.array(unknown, float), (n + 1, 1))
    first = 0
    for feature, values in enumerate(categories):
        rows[first : first + len(values), feature] = values
        first += len(values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unknown categories
        codes = sparse.csr_array(encoder.transform(rows))
    base = codes[[n]]
    return codes[:n] - sparse.csr_array(np.ones((n, 1))) @ base, base.toarray()[0]


def _number(value: Any, step: Any) -> float:
    if not isinstance(value, Real | np.bool_):
        raise refused(
            f"A program takes numbers, which {value!r} is not",
            step,
            "encode strings before the pipeline, for example with an OrdinalEncoder, "
            "and fit on the codes",
        )
    return float(value)
