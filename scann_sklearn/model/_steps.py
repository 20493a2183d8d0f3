"""The steps that samples go through, in pipelines and searches too."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from scann_sklearn._sklearn import BaseSearchCV

_NOT_SEARCHED = "This %(name)s has no best estimator yet: call fit, with refit other than False."


def best_of(estimator: Any) -> Any:
    """Best estimator of a search; anything else as it is.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator.

    Returns
    -------
    estimator : estimator
        What predicts.

    Raises
    ------
    NotFittedError
        If a search has no best estimator.
    """
    while isinstance(estimator, BaseSearchCV):
        check_is_fitted(estimator, "best_estimator_", msg=_NOT_SEARCHED)
        estimator = estimator.best_estimator_
    return estimator


def steps_of(estimator: Any) -> list[Any]:
    """Steps of an estimator, pipelines and searches opened.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, a pipeline or a search, inside each other too.

    Returns
    -------
    steps : list of estimator
        What samples go through, one after the other; the last one predicts.

    Raises
    ------
    NotFittedError
        If a search has no best estimator.
    """
    estimator = best_of(estimator)
    if not isinstance(estimator, Pipeline):
        return [estimator]
    steps = [step for _, step in estimator.steps if step is not None and step != "passthrough"]
    return [inner for step in steps for inner in steps_of(step)]
