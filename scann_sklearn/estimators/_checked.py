"""Fitted arrays as the compiled code may take them: checked once, unchanged since."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.sparse import issparse

from scann_sklearn.estimators._extractor import TrainedExtractor
from scann_sklearn.network._network import Network
from scann_sklearn.network._topology import Topology
from scann_sklearn.network._trained_front import TrainedFront


class CheckedArrays:
    """The arrays of a fitted network, made read-only, and their memory for the compiled code.

    The compiled code doesn't check indices, and checking them at every prediction would cost more
    than predicting one row. So they are checked once and trusted as long as they are the same
    arrays, which nobody can write to.

    Parameters
    ----------
    weights : scipy.sparse.csr_array of shape (n_hidden + n_outputs, n_read + n_hidden)
        Strength of each connection, checked; its arrays become read-only.
    biases : ndarray of shape (n_hidden + n_outputs,)
        Bias of each target, which becomes read-only.
    n_read : int
        Number of values that neurons can read, see `n_read_of`.
    n_outputs : int
        Number of outputs.

    Attributes
    ----------
    memory : tuple of ndarray
        indptr, indices, weights and biases: to the compiled code read-only arrays are another type.
    """

    def __init__(self, weights, biases, n_read, n_outputs) -> None:
        self._checked = (weights.indptr, weights.indices, weights.data, biases)
        self._shape = (n_read, n_outputs)
        self.plan: Any = None  # of early exits, made at the first prediction
        self.memory = tuple(_memory(array) for array in self._checked)
        freeze(weights, biases)

    def are_of(self, estimator) -> bool:
        """Whether an estimator's fitted arrays are these, unchanged.

        Parameters
        ----------
        estimator : SCANNClassifier
            A fitted estimator.

        Returns
        -------
        same : bool
            False where somebody put other arrays in their place or made them writable.
        """
        weights, biases = estimator.weights_, estimator.biases_
        a, b, c, d = self._checked
        return (
            (weights.indptr is a and weights.indices is b and weights.data is c and biases is d)
            and not (a.flags.writeable or b.flags.writeable)
            and not (c.flags.writeable or d.flags.writeable)
            and self._shape == (estimator._n_read, estimator.n_outputs_)
        )


def freeze(weights, biases) -> None:
    """Make the arrays of a network read-only.

    Parameters
    ----------
    weights : scipy.sparse.csr_array
        Its three arrays.
    biases : ndarray
        One more.
    """
    for array in (weights.indptr, weights.indices, weights.data, biases):
        array.flags.writeable = False


def _memory(array) -> np.ndarray:
    """The same numbers in a writable array, without a copy where the memory is ours."""
    view = array.view(np.ndarray)
    if not view.flags.writeable:
        try:
            view.flags.writeable = True
        except ValueError:  # a file that is mapped into memory
            return np.array(view, order="C")
    return view if view.flags.carray else np.array(view, order="C")


def n_read_of(ahead: TrainedFront | TrainedExtractor | None, n_features: int) -> int:
    """Number of values that neurons can read: the features, or those that are made of them.

    Parameters
    ----------
    ahead : TrainedFront, TrainedExtractor or None
        What is ahead of the neurons.
    n_features : int
        Number of features.

    Returns
    -------
    n_read : int
        Columns of `weights_` ahead of those of hidden neurons.

    Raises
    ------
    ValueError
        If it takes samples of another size.
    """
    if ahead is None:
        return n_features
    if math.prod(ahead.input_shape) != n_features:
        raise ValueError(
            f"{ahead!r} takes images of {ahead.input_shape}, but there are {n_features} features."
        )
    return ahead.n_read


def check_network(weights, biases, n_read, n_outputs) -> None:
    """Check arrays that came from a file or were changed by hand.

    Parameters
    ----------
    weights : scipy.sparse.csr_array of shape (n_hidden + n_outputs, n_read + n_hidden)
        Strength of each connection.
    biases : ndarray of shape (n_hidden + n_outputs,)
        Bias of each target.
    n_read : int
        Number of values that neurons can read, see `n_read_of`.
    n_outputs : int
        Number of outputs.

    Raises
    ------
    ValueError
        If they are no network.
    """
    if not (issparse(weights) and weights.format == "csr" and isinstance(biases, np.ndarray)):
        kinds = f"a {type(weights).__name__} and a {type(biases).__name__}"
        raise ValueError(f"weights_ and biases_ are {kinds}, not a CSR matrix and an array.")
    topology = Topology(n_read, n_outputs, weights.indptr, weights.indices)
    shape = (topology.n_targets, n_read + topology.n_hidden)
    is_known = biases.dtype in (np.float32, np.float64)
    if weights.shape != shape or weights.data.dtype != biases.dtype or not is_known:
        raise ValueError(
            f"weights_ of shape {weights.shape} and dtype {weights.data.dtype} and "
            f"biases_ of dtype {biases.dtype} are not a network of {n_read} features: "
            f"expected shape {shape}."
        )
    Network(topology, weights.data, biases)  # checks the lengths


def check_classes(classes, n_outputs) -> None:
    """Check labels that came from a file.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        Labels of classes, or numbers of labels.
    n_outputs : int
        Number of outputs, 1 for two classes.

    Raises
    ------
    ValueError
        If there is not one for each output.
    """
    expected = 2 if n_outputs == 1 else n_outputs
    if not isinstance(classes, np.ndarray) or classes.shape != (expected,):
        raise ValueError(
            f"classes_ of shape {np.shape(classes)} are not those of {n_outputs} outputs."
        )
