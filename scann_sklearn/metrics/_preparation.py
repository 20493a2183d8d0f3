"""Steps that prepare features: what those of them cost that are read."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from functools import singledispatch
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder
from sklearn.utils.validation import check_is_fitted

from scann_sklearn.metrics._scikit_learn import scikit_learn_stages
from scann_sklearn.model._stages import OffersStages, Stage, comparison_stage
from scann_sklearn.model._steps import branches_of, steps_of

# Which features are read: a mask, or None for all of them.
Reads = np.ndarray | None


def stages_ahead(steps: list[Any], reads: Reads) -> tuple[list[Stage], Reads]:
    """List what steps do, given what is read of their features.

    Parameters
    ----------
    steps : list of estimator
        Fitted steps, in order.
    reads : ndarray of bool of shape (n_features_out,) or None
        Which features behind them are read.

    Returns
    -------
    stages : list of Stage
        Stages of the steps, in order.
    reads : ndarray of bool of shape (n_features,) or None
        Which features ahead of them are read.
    """
    stages: list[Stage] = []
    for step in reversed(steps):
        found, reads = _ahead(step, reads)
        stages = found + stages
    return stages, reads


@singledispatch
def _ahead(step: Any, reads: Reads) -> tuple[list[Stage], Reads]:
    own = isinstance(step, OffersStages)
    stages = step._inference_stages() if own else scikit_learn_stages(step)
    return stages, reads if all(stage.diagonal for stage in stages) else None


@_ahead.register
def _(step: str, reads: Reads) -> tuple[list[Stage], Reads]:  # "passthrough" or "drop"
    return [], reads


@_ahead.register
def _(step: FunctionTransformer, reads: Reads) -> tuple[list[Stage], Reads]:
    return ([] if step.func is None else scikit_learn_stages(step)), reads


@_ahead.register
def _(step: SelectorMixin, reads: Reads) -> tuple[list[Stage], Reads]:
    support = step.get_support()
    if reads is None:
        return [], support
    return [], _scattered(reads, np.flatnonzero(support), len(support))


@_ahead.register
def _(step: SimpleImputer, reads: Reads) -> tuple[list[Stage], Reads]:
    check_is_fitted(step)
    statistics = np.asarray(step.statistics_, dtype=object)
    kept = np.flatnonzero(step.keep_empty_features | (statistics == statistics))
    columns = np.concatenate([kept, step.indicator_.features_]) if step.add_indicator else kept
    return _compared(columns.astype(int), reads, step.n_features_in_)


@_ahead.register
def _(step: MissingIndicator, reads: Reads) -> tuple[list[Stage], Reads]:
    check_is_fitted(step)
    return _compared(step.features_, reads, step.n_features_in_)


@_ahead.register
def _(step: OneHotEncoder, reads: Reads) -> tuple[list[Stage], Reads]:
    check_is_fitted(step)
    widths = np.array([len(values) for values in step.categories_])
    for k, values in enumerate(getattr(step, "infrequent_categories_", [])):
        widths[k] -= 0 if values is None else len(values) - 1
    if step.drop_idx_ is not None:
        widths -= [index is not None for index in step.drop_idx_]
    return _compared(np.repeat(np.arange(len(widths)), widths), reads, len(widths))


@_ahead.register
def _(step: OrdinalEncoder, reads: Reads) -> tuple[list[Stage], Reads]:
    check_is_fitted(step)
    read = [len(v) for k, v in enumerate(step.categories_) if reads is None or reads[k]]
    return [comparison_stage(sum(read))], reads


@_ahead.register(ColumnTransformer)
@_ahead.register(FeatureUnion)
def _(step: Any, reads: Reads) -> tuple[list[Stage], Reads]:
    check_is_fitted(step)
    stages, before = [], np.zeros(step.n_features_in_, dtype=bool)
    for branch in branches_of(step):
        of_branch = None if reads is None or branch.outputs is None else reads[branch.outputs]
        if not len(branch.columns) or (of_branch is not None and not of_branch.any()):
            continue
        found, read = stages_ahead(steps_of(branch.step), of_branch)
        stages += found
        before[branch.columns if read is None else branch.columns[read]] = True
    return stages, before


def _compared(columns, reads, n_features) -> tuple[list[Stage], np.ndarray]:
    """A comparison for each feature that is read, made of one of these columns."""
    read = columns if reads is None else columns[reads]
    return [comparison_stage(len(read))], _scattered(np.ones(len(read), bool), read, n_features)


def _scattered(reads, columns, n_features) -> np.ndarray:
    before = np.zeros(n_features, dtype=bool)
    before[columns[reads]] = True
    return before
