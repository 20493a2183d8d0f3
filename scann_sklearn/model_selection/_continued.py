"""Estimators that go on from what was fitted, to fewer connections."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from copy import copy
from typing import Any

from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from scann_sklearn.estimators._base import SynthesisingEstimator
from scann_sklearn.model._steps import last_of

BOUND = "n_connections"


def prefix_of(estimator: Any) -> str:
    """What names of parameters of the last step begin with."""
    return f"{estimator.steps[-1][0]}__" if isinstance(estimator, Pipeline) else ""


def can_continue(estimator: Any) -> bool:
    """Whether a fitted one can be the start of another fit."""
    last = last_of(estimator)
    return (
        isinstance(last, SynthesisingEstimator)
        and last.feature_extractor is None
        and getattr(last, "sections", None) is None
    )


def continued(fitted: Any) -> Any:
    """Estimator whose next `fit` goes on from a fitted one, which stays as it is.

    Steps ahead of the last one are used as they were fitted: others would make other features of
    the same data, which the network doesn't know.
    """
    start = copy(last_of(fitted)).set_params(warm_start=True)
    if not isinstance(fitted, Pipeline):
        return start
    ahead = [(name, _frozen(step)) for name, step in fitted.steps[:-1]]
    pipeline = copy(fitted)
    pipeline.memory = None
    pipeline.steps = [*ahead, (fitted.steps[-1][0], start)]
    return pipeline


def whole(going_on: Any, fitted: Any) -> Any:
    """Estimator like any other, with the last step of one that goes on from a fitted one."""
    if not isinstance(fitted, Pipeline):
        return going_on
    pipeline = copy(fitted)
    pipeline.steps = [*fitted.steps[:-1], going_on.steps[-1]]
    return pipeline


def size_of(fitted: Any) -> int:
    """Connections of the network of a fitted estimator."""
    return last_of(fitted).n_connections_


def _frozen(step: Any) -> Any:
    is_no_step = step is None or isinstance(step, str | FrozenEstimator)
    return step if is_no_step else FrozenEstimator(step)
