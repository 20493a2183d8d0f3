"""What candidates of a search cost, before they are fitted."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from scann_sklearn.heads._bernoulli import Bernoulli
from scann_sklearn.heads._classes import class_head
from scann_sklearn.heads._head import Head
from scann_sklearn.heads._value_head import Squared
from scann_sklearn.metrics import EnergyModel, n_bytes, n_connections
from scann_sklearn.model_selection._planned import Data, Plan, has_maps

METERS: dict[str, Callable[[Any], float]] = {
    "connections": n_connections,
    "bytes": n_bytes,
    "energy": EnergyModel().energy,
}


class Prices:
    """Prices of candidates.

    Parameters
    ----------
    cost : {"connections", "bytes", "energy"} or callable
        What is priced.
    estimator : estimator
        What the candidates are made of; it isn't changed.
    data : Data
        What is known of the data.
    """

    def __init__(self, cost: Any, estimator: Any, data: Data) -> None:
        self._cost, self._estimator, self._data = cost, estimator, data
        self._known: dict[Any, float | None] = {}
        self._copies: dict[tuple, Any] = {}  # by names of parameters, all of which are set anew
        self.reason: Exception | None = None  # why the last candidate can't be

    def of(self, params: dict[str, Any]) -> float:
        """Price of a candidate.

        Raises
        ------
        ValueError
            If the price is not finite and above zero, or needs a fitted estimator. By a meter's
            name: if the candidate's parameters don't fit the data.
        TypeError
            If the estimator can't be priced by a meter's name.
        """
        if callable(self._cost):
            candidate = clone(self._estimator)
        else:  # meters change nothing, and thousands are asked for
            names = tuple(sorted(params))
            candidate = self._copies.setdefault(names, None) or clone(self._estimator)
            self._copies[names] = candidate
        candidate.set_params(**clone(params, safe=False))
        price = self._priced(candidate, params)
        is_price = isinstance(price, Real) and not isinstance(price, bool) and isfinite(price)
        if not is_price or price <= 0:
            raise BadPriceError(
                f"cost={self._cost!r} must return a finite number above 0, got "
                f"{price!r} for the candidate {params}."
            )
        return float(price)

    def _priced(self, candidate: Any, params: dict[str, Any]) -> Any:
        if not callable(self._cost):
            if self._cost != "connections" and has_maps(candidate):
                raise TypeError(
                    f"cost={self._cost!r} can't price convolutions before they are "
                    "fitted: use 'connections', or pass a function: cost(estimator, "
                    "n_features, n_outputs)."
                )
            return METERS[self._cost](Plan(candidate, self._data))
        try:
            return self._cost(candidate, self._data.n_features, self._data.head.n_outputs)
        except NotFittedError as error:
            raise BadPriceError(
                f"cost={self._cost!r} needs a fitted estimator, but candidates are "
                "priced before they are fitted, to choose which are worth it: "
                f"{error} Use a cost that can be computed from the parameters; the "
                "cost of a fitted model can be a metric of scoring."
            ) from error

    def of_point(self, space: Any, point: Any) -> float | None:
        """Price of a point of a space, computed once; None: its parameters don't fit the data."""
        if point not in self._known:
            try:
                self._known[point] = self.of(space.params(point))
            except BadPriceError:
                raise
            except ValueError as error:
                if callable(self._cost):
                    raise
                self.reason, self._known[point] = error, None
        return self._known[point]


class BadPriceError(ValueError):
    """A cost gives what is no price."""


def head_of(estimator: Any, y: Any) -> Head:
    """What the outputs of a network for y would mean."""
    if y is None or not is_classifier(estimator):
        return Squared(1 if y is None or np.ndim(y) == 1 else int(np.shape(y)[1]))
    y = np.asarray(y)
    check_classification_targets(y)
    if type_of_target(y) == "multilabel-indicator":
        return Bernoulli(int(y.shape[1]))
    return class_head(np.unique(y))
