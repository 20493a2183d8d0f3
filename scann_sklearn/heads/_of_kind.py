"""The head of a network from its record: what kind of answer it gives, and how many outputs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.heads._bernoulli import Bernoulli
from scann_sklearn.heads._classes import class_head
from scann_sklearn.heads._head import Head
from scann_sklearn.heads._value_head import Squared

KINDS = ("classes", "labels", "values")


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
