"""Where a task stands in scikit-learn's tree of tasks."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator

from scann_sklearn.model._model import HoldsModel


def upwards(context) -> Iterator:
    """The task and those that it is a part of, up to the outermost."""
    while context is not None:
        yield context
        context = context.parent


def key_of(context) -> tuple:
    """What tells a task from all others, in any process."""
    ids = [task.task_id for task in upwards(context)]
    return (context.root_uuid, *reversed(ids))


def begins_estimator(context) -> bool:
    """Whether it is the whole `fit` of an estimator."""
    return context.parent is None or context.source_estimator_name is not None


def is_synthesis(estimator, context) -> bool:
    """Whether it is the whole `fit` of an estimator of this library that synthesises."""
    return isinstance(estimator, HoldsModel) and begins_estimator(context)


def is_parallel(context) -> bool:
    """Whether its parts may run at the same time, as the fits of a search do."""
    return context is not None and not context.sequential_subtasks
