"""What an exported model computes, whatever its form: rows of a sparse matrix."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

# Models that were saved are read with this module: of other packages it imports NumPy only.

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scann_sklearn.heads._class_head import ClassHead
from scann_sklearn.heads._exits import Exits
from scann_sklearn.heads._head import Head
from scann_sklearn.heads._of_kind import KINDS, head_of_kind
from scann_sklearn.model._front import Front
from scann_sklearn.model._maps import Maps


@dataclass(frozen=True, eq=False)
class Program:
    """A fitted network and all that is ahead of it, as one sparse matrix.

    A row is a target: reduced features first, which are linear, then hidden neurons (ReLU), then
    outputs. Each reads from slots: the entries, then the targets before it. Entries are the inputs
    that are connected, or what a front makes of these. A network after an affine reduction differs
    from one without by its linear rows only.

    Parameters
    ----------
    n_features : int
        Number of features of a sample.
    n_linear : int
        Number of linear rows.
    n_outputs : int
        Number of outputs, 1 for two classes.
    inputs : ndarray of shape (n_inputs,)
        The features that are read, ascending.
    indptr : ndarray of shape (n_targets + 1,)
        Where the connections of each target begin and end.
    sources : ndarray of shape (n_connections,)
        Slot that each connection reads, ascending within a target.
    weights : ndarray of shape (n_connections,)
        Strength of each connection.
    biases : ndarray of shape (n_targets,)
        What each target adds.
    classes : ndarray of shape (n_classes,)
        Class labels; numbers of labels; empty where the outputs are values.
    kind : {"classes", "labels", "values"}, default="classes"
        What the outputs answer: one class, some of several labels, or their values.
    front : Front or Maps, default=None
        What is made of the inputs ahead of all rows; None: nothing. Features that it doesn't copy
        may be missing.
    exits : ndarray of shape (n_exits,), default=None
        With early exits: hidden neurons up to the end of each section. The outputs are those of all
        exits, one after the other, and an exit reads none beyond its section. None: one exit.
    thresholds : ndarray of shape (n_exits - 1,) or (n_exits,), default=None
        A sample leaves at an exit whose largest probability is above its threshold. One for the
        last exit says that all leave there at the latest, so that no mean over exits is needed.

    Raises
    ------
    ValueError
        If the arrays don't fit together.
    """

    n_features: int
    n_linear: int
    n_outputs: int
    inputs: np.ndarray
    indptr: np.ndarray
    sources: np.ndarray
    weights: np.ndarray
    biases: np.ndarray
    classes: np.ndarray
    kind: str = "classes"
    front: Front | Maps | None = None
    exits: np.ndarray | None = None
    thresholds: np.ndarray | None = None

    def __post_init__(self) -> None:
        problem = next(self._problems(), None)
        if problem is not None:
            raise ValueError(f"These arrays are not a network: {problem}.")

    def _problems(self) -> Iterator[str]:
        """Yield what is wrong; each check relies on those before it."""
        arrays = {"inputs": "i", "indptr": "i", "sources": "i", "weights": "f", "biases": "f"}
        for name, kind in arrays.items():
            array = getattr(self, name)
            if array.ndim != 1 or array.dtype.kind != kind:
                yield f"{name} is of shape {array.shape} and dtype {array.dtype}"
        if self.kind not in KINDS or self.n_outputs < 1:
            yield f"{self.n_outputs} outputs are {self.kind!r}"
        if self.exits is not None or self.thresholds is not None:
            yield from self._problems_of_exits()
        if self.classes.shape not in self._shapes_of_classes():
            yield f"{self.n_outputs} outputs for classes of shape {self.classes.shape}"
        if self.n_linear < 0 or self.n_hidden < 0:
            yield f"{self.n_linear} linear rows and {self.n_outputs} outputs in {self.n_targets}"
        if len(self.indptr) != self.n_targets + 1 or len(self.weights) != len(self.sources):
            yield (
                f"lengths are {len(self.biases)} (biases), {len(self.indptr)} (indptr), "
                f"{len(self.sources)} (sources) and {len(self.weights)} (weights)"
            )
        ends = (self.indptr[0], self.indptr[-1])
        # Compared, not subtracted: differences might overflow.
        if ends != (0, len(self.sources)) or (self.indptr[1:] < self.indptr[:-1]).any():
            yield f"indptr doesn't rise from 0 to {len(self.sources)}"
        bounded = np.concatenate([[-1], self.inputs, [self.n_features]])
        if (bounded[1:] <= bounded[:-1]).any():
            yield f"inputs don't rise within the {self.n_features} features"
        if self.front is not None:
            yield from self.front.problems(self.n_inputs)
        if isinstance(self.front, Maps) and (self.n_linear or self.n_inputs != self.n_features):
            yield f"maps, {self.n_linear} linear rows, {self.n_inputs} inputs of {self.n_features}"
        # A reduced feature reads inputs, an output no other output.
        last = self.n_entries + np.minimum(np.arange(self.n_targets), self.n_linear + self.n_hidden)
        last[: self.n_linear] = self.n_entries
        if self.exits is not None:
            seen = np.repeat(self.exits, self.n_outputs // self.n_exits)
            last[self.n_linear + self.n_hidden :] = self.n_entries + self.n_linear + seen
        if (self.sources < 0).any() or (self.sources >= last[self.targets]).any():
            yield "a connection reads a slot that is computed after its target"
        if not (np.isfinite(self.weights).all() and np.isfinite(self.biases).all()):
            yield "weights or biases are not finite"

    def _problems_of_exits(self) -> Iterator[str]:
        if self.exits is None or self.thresholds is None:
            yield "exits and thresholds go together"
            return
        for name, kind in {"exits": "i", "thresholds": "f"}.items():
            array = getattr(self, name)
            if array.ndim != 1 or array.dtype.kind != kind:
                yield f"{name} is of shape {array.shape} and dtype {array.dtype}"
        n, ends = len(self.exits), np.append(0, self.exits)
        asked, is_last_alone = len(self.thresholds), len(self.thresholds) == n > 0
        if self.kind != "classes" or asked not in (n - 1, n) or not asked or self.n_outputs % n:
            yield (
                f"{n} exits, {len(self.thresholds)} thresholds and {self.n_outputs} outputs "
                f"for {self.kind}"
            )
        elif (ends[1:] < ends[:-1]).any() or ends[-1] != self.n_hidden:
            yield f"exits don't rise to the number of hidden neurons, {self.n_hidden}"
        elif not ((self.thresholds >= 0) & (self.thresholds <= 1)).all():
            yield "thresholds are not between 0 and 1"
        elif is_last_alone and self.thresholds[-1] * len(self.classes) >= 1:
            yield f"not all samples leave at the last exit, of threshold {self.thresholds[-1]}"

    def _shapes_of_classes(self) -> list[tuple[int]]:
        if self.kind == "values":
            return [(0,)]
        if self.kind == "labels":
            return [(self.n_outputs,)]
        n = self.n_outputs // self.n_exits
        return {1: [(2,)], 2: []}.get(n, [(n,)])  # two need one output

    @property
    def head(self) -> Head:
        """What the outputs mean."""
        head = head_of_kind(self.kind, self.classes, self.n_outputs // self.n_exits)
        if self.thresholds is None or not isinstance(head, ClassHead):
            return head
        return Exits(head, self.n_exits, thresholds=self.thresholds)

    @property
    def n_exits(self) -> int:
        """Number of exits; one where there are none before the end."""
        return 1 if self.exits is None else len(self.exits)

    @property
    def n_inputs(self) -> int:
        """Number of features that are read."""
        return len(self.inputs)

    @property
    def n_entries(self) -> int:
        """Number of slots ahead of the rows: the inputs, or what the front makes of them."""
        return self.n_inputs if self.front is None else self.front.n_entries

    @property
    def n_targets(self) -> int:
        """Number of reduced features, hidden neurons and outputs."""
        return len(self.biases)

    @property
    def n_hidden(self) -> int:
        """Number of hidden neurons."""
        return self.n_targets - self.n_linear - self.n_outputs

    @property
    def n_slots(self) -> int:
        """Number of values that are kept: entries, reduced features, hidden neurons."""
        return self.n_entries + self.n_linear + self.n_hidden

    @property
    def n_connections(self) -> int:
        """Number of connections, those of a reduction and of maps included."""
        return len(self.sources) + (0 if self.front is None else self.front.n_connections)

    @property
    def targets(self) -> np.ndarray:
        """Target of each connection."""
        return np.repeat(np.arange(self.n_targets), np.diff(self.indptr))

    @property
    def sections(self) -> list[np.ndarray]:
        """Targets of each exit, in order: its section, then its outputs; reduced features first."""
        first_output = self.n_linear + self.n_hidden
        ends = [first_output] if self.exits is None else (self.n_linear + self.exits).tolist()
        outputs = np.split(np.arange(first_output, self.n_targets), self.n_exits)
        begins = [0, *ends[:-1]]
        return [np.append(np.arange(*own), out) for *own, out in zip(begins, ends, outputs)]

    def row(self, t) -> slice:
        """Slice of the connections of target `t`."""
        return slice(self.indptr[t], self.indptr[t + 1])

    def slots(self, X, entries=None) -> np.ndarray:
        """Room for the values of all slots, one row a slot, with those of the entries.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Samples.
        entries : callable, default=None
            Makes entries of inputs; None: as the front does.

        Returns
        -------
        slots : ndarray of shape (n_slots, n_samples)
            The entries, and zeros.
        """
        slots = np.zeros((self.n_slots, len(X)), X.dtype)
        inputs = X.T[self.inputs]
        if entries is None and self.front is not None:
            entries = self.front.entries
        slots[: self.n_entries] = inputs if entries is None else entries(inputs)
        return slots

    def run(self, X, sums, finish, entries=None) -> np.ndarray:
        """Evaluate row after row.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Samples, of the number type that is computed in.
        sums : callable
            ``sums(t, slots)`` is what target t receives, biases included.
        finish : callable
            ``finish(t, sum)`` is what is made of it, before the ReLU of a hidden neuron.
        entries : callable, default=None
            Makes entries of inputs; None: as the front does.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_outputs)
            Values of the outputs.
        """
        slots, results = self.slots(X, entries), []
        first_output = self.n_targets - self.n_outputs
        for t in range(self.n_targets):
            value = finish(t, sums(t, slots[self.sources[self.row(t)]]))
            if t < self.n_linear:
                slots[self.n_entries + t] = value
            elif t < first_output:
                slots[self.n_entries + t] = np.maximum(value, 0)
            else:
                results.append(value)
        return np.stack(results, axis=1)

    def outputs(self, X) -> np.ndarray:
        """Values of the outputs before softmax or the logistic function.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_outputs)
            Values in the dtype of the weights.
        """
        return self.run(
            np.asarray(X, self.weights.dtype),
            lambda t, values: self.weights[self.row(t)] @ values + self.biases[t],
            lambda t, value: value,
        )

    def check_samples(self, X, name="X") -> np.ndarray:
        """Samples as an array of numbers, or an error that says what they are.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features) or (n_samples, channels, height, width)
            Samples; of four dimensions where the program has maps.
        name : str, default="X"
            What an error calls them.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
            float32 where X is, else float64; finite but for values that may be missing.
        """
        complete = None if self.front is None else self.inputs[self.front.copied]
        image = tuple(self.front.image.tolist()) if isinstance(self.front, Maps) else None
        return check_samples(X, self.n_features, name, complete, image)


def check_samples(X, n_features, name="X", complete=None, image=None) -> np.ndarray:
    """Samples as an array of finite numbers, or an error that says what they are.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Samples.
    n_features : int
        Number of features that they should have.
    name : str, default="X"
        What an error calls them.
    complete : ndarray of int, default=None
        Features that are never missing, that is NaN; None: none of them is.
    image : tuple of (int, int, int), default=None
        Shape of a sample that is an image.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        float32 where X is, else float64.
    """
    try:
        X = np.asarray(X)
        if X.dtype != np.float32:
            X = X.astype(np.float64, casting="same_kind" if X.dtype.kind == "c" else "unsafe")
    except (TypeError, ValueError) as error:  # strings, complex numbers, a sparse matrix
        raise ValueError(f"{name} is not a table of numbers: {error}") from error
    if image is not None and X.shape[1:] == image:
        X = X.reshape(len(X), n_features)
    if X.ndim != 2 or X.shape[1] != n_features or not len(X):
        raise ValueError(
            f"{name} of shape {X.shape} doesn't fit: expected (n_samples, {n_features}), with at "
            "least one sample."
        )
    wrong = ~np.isfinite(X) if complete is None else np.isinf(X)
    if complete is not None:
        wrong[:, complete] |= np.isnan(X[:, complete])
    if wrong.any():
        i, j = np.argwhere(wrong)[0]
        raise ValueError(f"{name} holds {X[i, j]} in row {i}, feature {j}.")
    return X
