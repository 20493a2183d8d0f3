"""A program in single precision: the arithmetic of the C code, operation by operation."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scann_sklearn.export._exit_rules import SingleExits
from scann_sklearn.export._exponential import exp_single
from scann_sklearn.export._map_errors import map_errors
from scann_sklearn.heads._class_head import ClassHead
from scann_sklearn.heads._exits import Exits
from scann_sklearn.model._front import Front
from scann_sklearn.model._maps import Maps
from scann_sklearn.model._program import Program


@dataclass(frozen=True, eq=False)
class SinglePrecision:
    """A program whose sums are computed in float32, connection after connection.

    Parameters
    ----------
    program : Program
        What is computed.
    """

    program: Program

    @property
    def exits(self) -> SingleExits | None:
        """Who leaves where; None: there are no early exits."""
        head = self.program.head
        return SingleExits(head) if isinstance(head, Exits) else None

    def quantize(self, X) -> np.ndarray:
        """Numbers that the C code takes: X in single precision.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features), float32
            The same samples.
        """
        return np.asarray(X, np.float32)

    def outputs(self, X) -> np.ndarray:
        """Values of the outputs, those of the C code to the last bit.

        Where a compiler fuses multiplications and additions, its last bits differ.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Samples.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_outputs), float32
            Values before softmax or the logistic function.
        """
        weights = self.program.weights.astype(np.float32)
        biases = self.program.biases.astype(np.float32)

        def sums(t, values) -> np.ndarray:
            total = np.full(values.shape[1], biases[t])
            for weight, value in zip(weights[self.program.row(t)], values):
                total += weight * value
            return total

        with np.errstate(over="ignore", invalid="ignore"):  # as C does
            return self.program.run(X, sums, lambda t, total: total)

    def tolerance(self, X) -> float:
        """Bound how far other roundings of the same sums, fused ones for instance, can be apart.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Samples.

        Returns
        -------
        tolerance : float
            No output of these samples differs by more, whatever a compiler fuses or reorders.
        """
        program = self.program
        weights = np.abs(program.weights.astype(np.float32).astype(float))
        X = np.asarray(X, np.float32)
        exact = program.slots(X).astype(float)
        errors, worst = np.zeros_like(exact), 0.0
        if isinstance(program.front, Maps):
            errors[: program.n_entries] = map_errors(program.front, X)
        for t in range(program.n_targets):
            row = program.row(t)
            sources = program.sources[row]
            signed = program.weights[row].astype(np.float32).astype(float)
            # Each of n products and n sums rounds by 2^-24 of what has been added up at most.
            magnitude = weights[row] @ (np.abs(exact[sources]) + errors[sources])
            magnitude += abs(program.biases[t])
            error = weights[row] @ errors[sources] + (len(sources) + 2) * 2.0**-23 * magnitude
            if t < program.n_targets - program.n_outputs:
                value = signed @ exact[sources] + program.biases[t]
                slot = program.n_entries + t
                exact[slot] = value if t < program.n_linear else np.maximum(value, 0)
                errors[slot] = error
            else:
                worst = max(worst, error.max())
        return 2 * worst + 1e-37  # the two results are on different sides of the exact one

    def predict(self, X) -> np.ndarray:
        """Answers of the C code.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Samples.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Class labels, indicators or values.
        """
        outputs, head = self.outputs(X), self.program.head
        if self.exits is not None:
            return head.classes[self.exits.leave(outputs).numbers]
        return head.predict(outputs)

    def probabilities(self, X) -> np.ndarray:
        """Probabilities of classes or labels as the C code computes them.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Samples.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            Probability of each class or label.
        """
        y, head = self.outputs(X), self.program.head
        if self.exits is not None:
            return self.exits.probabilities(y)
        if not isinstance(head, ClassHead):
            e = exp_single(-np.abs(y))
            return np.where(y > 0, np.float32(1), e) / (1 + e)
        y = head.scores(y)
        terms = exp_single(y - y.max(axis=1, keepdims=True))
        total = np.zeros(len(y), np.float32)
        for column in terms.T:
            total += column
        return terms / total[:, None]


def check_single(program) -> None:
    """Raise where a weight or a bias is out of the range of single precision."""
    numbers = [program.weights, program.biases]
    if program.front is not None:
        numbers.append(program.front.numbers)
    largest = max(np.abs(array).max(initial=0) for array in numbers)
    if largest > np.finfo(np.float32).max:
        what = "weight or fill value" if isinstance(program.front, Front) else "weight"
        raise ValueError(f"A {what} of {largest:.3g} doesn't fit into float32: scale X before.")
