"""The head of a network from its record: what kind of answer it gives, and how many outputs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.heads._bernoulli import Bernoulli
from scann_sklearn.heads._class_head import ClassHead
from scann_sklearn.heads._classes import class_head, numbered_head
from scann_sklearn.heads._head import Head
from scann_sklearn.heads._value_head import VALUE_HEADS, Squared, value_head

KINDS = ("classes", "labels", "values")
LOSSES = (ClassHead.loss_name, Bernoulli.loss_name, *VALUE_HEADS)


def head_of_kind(kind: str, classes: np.ndarray, n_outputs: int) -> Head:
    """Head that answers as another one of this kind does, whatever loss that was trained with.

    Parameters
    ----------
    kind : {"classes", "labels", "values"}
        The `kind` of the head.
    classes : ndarray of shape (n_classes,)
        Class labels; of the other kinds not looked at.
    n_outputs : int
        Number of outputs.

    Returns
    -------
    head : Head
        The head.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    if kind == "classes":
        return class_head(classes, n_outputs)
    if kind == "labels":
        return Bernoulli(n_outputs)
    if kind == "values":
        return Squared(n_outputs)
    raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}.")


def head_for_loss(loss: str, n_outputs: int, huber_delta: float = 1.35) -> Head:
    """Head of a network without labels of its own: classes are numbers from 0 on.

    Parameters
    ----------
    loss : {"log_loss", "binary_log_loss", "squared_error", "absolute_error", "huber"}
        Its name.
    n_outputs : int
        Number of outputs.
    huber_delta : float, default=1.35
        See `Huber`.

    Returns
    -------
    head : Head
        The head.

    Raises
    ------
    ValueError
        If there is no such loss.
    """
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {loss!r}.")
    if loss == ClassHead.loss_name:
        return numbered_head(n_outputs)
    if loss == Bernoulli.loss_name:
        return Bernoulli(n_outputs)
    return value_head(loss, n_outputs, huber_delta)
