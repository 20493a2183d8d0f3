"""The estimator of ours inside a pipeline or a search, and what one inference of it costs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from scann_sklearn.metrics import EnergyModel, flops, n_bytes, n_connections
from scann_sklearn.model._model import HoldsModel
from scann_sklearn.model._steps import best_of, last_of

# What each cost is measured by, how an axis calls it, and its unit.
COSTS: dict[str, tuple[Callable, str, str]] = {
    "connections": (n_connections, "Connections", ""),
    "energy": (EnergyModel().energy, "Energy of one inference", "J"),
    "bytes": (n_bytes, "Size of the parameters", "B"),
    "flops": (flops, "FLOPs of one inference", ""),
}


def fitted_model(estimator) -> Any:
    """Return a fitted estimator of ours or a pipeline that ends in one; a search has it inside.

    Raises
    ------
    TypeError
        If there is none at the end.
    NotFittedError
        If it is not fitted.
    """
    model = best_of(estimator)
    estimator = last_of(model)
    if not isinstance(estimator, HoldsModel):
        raise TypeError(
            "Expected a fitted SCANNClassifier or SCANNRegressor, a pipeline that ends in one, or "
            f"a search over these, got {type(estimator).__name__}: {estimator!r}."
        )
    check_is_fitted(estimator)
    return model


def with_estimator(model, estimator) -> Any:
    """Fitted model with another fitted estimator in the place of its own."""
    if not isinstance(model, Pipeline):
        return estimator
    return Pipeline([*model.steps[:-1], (model.steps[-1][0], estimator)])


def cost_meter(cost) -> Callable[[Any], float]:
    """Function that measures a cost, given by name or as that function.

    Raises
    ------
    ValueError
        If it is neither one of the names nor callable.
    """
    if callable(cost):
        return cost
    if not isinstance(cost, str) or cost not in COSTS:
        raise ValueError(
            f"cost must be one of {sorted(COSTS)} or a function of a fitted estimator, "
            f"got {cost!r}."
        )
    return COSTS[cost][0]


def cost_name_of(cost) -> str:
    """Name of a cost that was given by name or as a function."""
    return cost if isinstance(cost, str) else getattr(cost, "__name__", type(cost).__name__)
