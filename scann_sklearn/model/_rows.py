"""From sparse rows to a program: what nothing reads is left out."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
from scipy import sparse

from scann_sklearn.heads._exits import Exits
from scann_sklearn.heads._head import Head
from scann_sklearn.model._front import Front
from scann_sklearn.model._maps import Maps
from scann_sklearn.model._program import Program
from scann_sklearn.network._exits import first_exits


def program_of_rows(
    weights: sparse.csr_array,
    biases: np.ndarray,
    head: Head,
    *,
    n_features: int,
    n_linear: int = 0,
    dtype: np.dtype | None = None,
    front: Front | Maps | None = None,
) -> Program:
    """Program of sparse rows over all features, or over the entries of a front of these.

    Parameters
    ----------
    weights : scipy.sparse.csr_array of shape (n_targets, n_entries + n_linear + n_hidden)
        What each target reads. The entries are the features where there is no front.
    biases : ndarray of shape (n_targets,)
        What each target adds.
    head : ClassHead
        What the outputs mean.
    n_features : int
        Number of features of a sample.
    n_linear : int, default=0
        Number of linear rows ahead of the network.
    dtype : dtype, default=None
        Of weights and biases; None: that of `weights`.
    front : Front or Maps, default=None
        What is made of all features ahead of the rows.

    Returns
    -------
    program : Program
        The same, without gaps between the slots.
    """
    dtype = weights.dtype if dtype is None else dtype
    n_entries = n_features if front is None else front.n_entries
    leaving = {}
    if isinstance(head, Exits):
        weights, biases, ends = _by_section(weights, biases, head, n_entries + n_linear, n_linear)
        leaving = {"exits": ends, "thresholds": np.asarray(head.thresholds, np.float64)}
    weights = sparse.csr_array(weights)
    weights.sort_indices()
    entries = inputs = np.unique(weights.indices[weights.indices < n_entries])
    if front is not None:
        entries, inputs, front = front.select(entries)
    slot = np.zeros(weights.shape[1], dtype=np.int64)
    slot[entries] = np.arange(len(entries))
    slot[n_entries:] = len(entries) + np.arange(len(slot) - n_entries)
    return Program(
        n_features=n_features,
        n_linear=n_linear,
        n_outputs=head.n_outputs,
        inputs=inputs.astype(np.int32),
        indptr=weights.indptr.astype(np.int32),
        sources=slot[weights.indices].astype(np.int32),
        weights=weights.data.astype(dtype),
        biases=np.asarray(biases, dtype),
        classes=head.classes,
        kind=head.kind,
        front=front,
        **leaving,
    )


def _by_section(weights, biases, head, n_before, n_linear) -> tuple:
    """Rows with the hidden neurons in the order of the exits that need them first.

    Returns weights, biases, and how many hidden neurons there are up to the end of each section.
    """
    rows = sparse.csr_array(weights)[n_linear:]
    rows.sort_indices()
    graph = (rows.indptr.astype(np.int32), rows.indices.astype(np.int32))
    needed = first_exits(n_before, head.n_outputs, head.n_exits, *graph)
    order = np.argsort(needed, kind="stable")
    counts = np.cumsum(np.bincount(needed, minlength=head.n_exits)[: head.n_exits])
    n_hidden = counts[-1] = len(needed)
    targets = np.concatenate(
        [np.arange(n_linear), n_linear + order, np.arange(n_linear + n_hidden, weights.shape[0])]
    )
    sources = np.append(np.arange(n_before), n_before + order)
    moved = sparse.csr_array(weights)[targets][:, sources]
    return moved, np.asarray(biases)[targets], counts.astype(np.int32)
