"""Warnings about the chosen network: what a user wants to know before relying on it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from scann_sklearn.estimators._fit import Fit
from scann_sklearn.estimators._path import choose
from scann_sklearn.heads._class_head import ClassHead
from scann_sklearn.model._model import model_of
from scann_sklearn.network._samples import as_samples

# Shares of the best network's gain over a constant: what is lost, what is as good.
_TIGHT, _AS_GOOD = 0.3, 0.05


def remark_on(estimator: Any, fit: Fit, bound: int | None) -> None:
    """Warn where the chosen network is far below larger ones, or never predicts a class.

    Parameters
    ----------
    estimator : estimator
        It has taken one of the networks of its `path_`.
    fit : Fit
        Where it comes from.
    bound : int or None
        The most connections that were asked for.
    """
    text = _on_a_tight_bound(estimator, bound) or _on_missing_classes(estimator, fit)
    if text:
        warnings.warn(text, UserWarning, stacklevel=6)  # where `fit` was called


def _on_a_tight_bound(estimator, bound) -> str:
    path, gain, score = estimator.path_, estimator.score_unit_, estimator.validation_score_
    if bound is None or score >= path[-1].validation_score - _TIGHT * gain:
        return ""
    enough = choose(path, max_loss=_AS_GOOD * gain)
    return (
        f"n_connections={bound} is tight for these data: the validation score is {score:.3g}, but "
        f"{enough.validation_score:.3g} with {enough.n_connections} connections. "
        f"select(n_connections={enough.n_connections}) takes that network."
    )


def _on_missing_classes(estimator, fit) -> str:
    held, head = fit.validation, fit.head
    if not isinstance(head, ClassHead):
        return ""
    if fit.joint is None:
        inputs = held.inputs
    else:  # the chosen network has a module of its own
        inputs = estimator._extractor_.read(held.X).astype(held.inputs.dtype, copy=False)
    predicted = head.decide(as_samples(inputs).outputs(model_of(estimator).network))
    missing = np.setdiff1d(held.y[held.sample_weight > 0], predicted)
    if len(missing) == 0:
        return ""
    labels = head.classes[missing].tolist()
    shown = ", ".join(map(repr, labels[:5])) + ", ..." * (len(labels) > 5)
    return (
        f"The chosen network of {estimator.n_connections_} connections never predicts "
        f"{len(labels)} of {len(head.classes)} classes on the validation data: "
        f"{shown}. class_weight='balanced' gives rare classes more weight, "
        "scoring='balanced_accuracy' prefers networks that predict them, and a "
        "larger n_connections leaves room for them."
    )
