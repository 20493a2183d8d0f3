"""The head for some classes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.heads._class_head import ClassHead
from scann_sklearn.heads._logistic import Logistic
from scann_sklearn.heads._softmax import Softmax


def class_head(classes: np.ndarray, n_outputs: int | None = None) -> ClassHead:
    """Head for some classes: two need one output, as in scikit-learn's MLP.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Class labels.
    n_outputs : int, default=None
        Number of outputs of a network from elsewhere, which may have two for two classes. None: as
        few as possible.

    Returns
    -------
    head : Logistic or Softmax
        The head.
    """
    is_logistic = len(classes) == 2 if n_outputs is None else n_outputs == 1
    return Logistic(classes) if is_logistic else Softmax(classes)


def numbered_head(n_outputs: int) -> ClassHead:
    """Head of a network of so many outputs, whose classes are numbers from 0 on.

    Parameters
    ----------
    n_outputs : int
        Number of outputs.

    Returns
    -------
    head : Logistic or Softmax
        The head.
    """
    return class_head(np.arange(2 if n_outputs == 1 else n_outputs), n_outputs)
