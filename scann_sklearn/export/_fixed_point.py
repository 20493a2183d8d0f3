"""A program in integers: the arithmetic of the C code, bit by bit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scann_sklearn.export._exit_rules import FixedExits
from scann_sklearn.export._fixed_maps import FixedMaps
from scann_sklearn.model._program import Program

SLOT_MAX = 2**15 - 1  # slots are int16
SUM_LIMIT = 2**31  # sums are int32


@dataclass(frozen=True, eq=False)
class InputScale:
    """How features become integers: ``round((x - offset) / step)``, saturated.

    Parameters
    ----------
    bits : int
        8 or 16.
    offset : ndarray of shape (n_inputs,), float32
        What becomes 0.
    step : ndarray of shape (n_inputs,), float32
        What becomes 1; the reciprocal of `inverse`.
    inverse : ndarray of shape (n_inputs,), float32
        Reciprocal of the step.
    """

    bits: int
    offset: np.ndarray
    step: np.ndarray
    inverse: np.ndarray

    @property
    def limit(self) -> int:
        """Largest integer."""
        return 2 ** (self.bits - 1) - 1

    def quantize(self, values) -> np.ndarray:
        """Integers of the values of the inputs, computed in float32 as the C code does.

        Parameters
        ----------
        values : ndarray of shape (n_samples, n_inputs)
            Values of the features that are read.

        Returns
        -------
        integers : ndarray of shape (n_samples, n_inputs)
            int8 or int16.
        """
        with np.errstate(over="ignore"):  # infinity saturates
            scaled = (np.asarray(values, np.float32) - self.offset) * self.inverse
        scaled = np.clip(scaled, -self.limit - 1, self.limit)
        rounded = np.trunc(scaled + np.copysign(np.float32(0.5), scaled))
        return rounded.astype(f"int{self.bits}")


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """A program with integer weights and power-of-two scales.

    Target t receives ``sum = biases[t] * bias_unit + weights @ slots`` in 32 bits and becomes
    ``sum >> shifts[t]``. Slots have 16 bits: inputs are multiplied by `input_factor`, reduced
    features and hidden neurons saturate. The shifts of the outputs bring them to one scale, unless
    they are values, of which each has its own.

    Parameters
    ----------
    program : Program
        The connections.
    scale : InputScale
        The scale of the inputs.
    weights : ndarray of shape (n_connections,), int64
        Weights of as many bits as the inputs.
    biases : ndarray of shape (n_targets,), int64
        Biases of 16 bits, in units of `bias_unit`.
    bias_unit : int
        A power of two.
    shifts : ndarray of shape (n_targets,), int64
        At most 31.
    output_scale, output_offset : ndarray of shape (n_outputs,), float32, or None
        Where outputs are values, these are offset + scale * integer.
    maps : FixedMaps, default=None
        What is made of an image ahead of the rows; None: there are no maps.
    exits : FixedExits, default=None
        Who leaves where; None: there are no early exits.
    """

    program: Program
    scale: InputScale
    weights: np.ndarray
    biases: np.ndarray
    bias_unit: int
    shifts: np.ndarray
    output_scale: np.ndarray | None = None
    output_offset: np.ndarray | None = None
    maps: FixedMaps | None = None
    exits: FixedExits | None = None

    def __post_init__(self) -> None:
        magnitude = np.zeros(len(self.biases), np.int64)
        np.add.at(magnitude, self.program.targets, np.abs(self.weights))
        bound = magnitude * (SLOT_MAX + 1) + np.abs(self.biases) * self.bias_unit
        if (bound >= SUM_LIMIT).any():  # for any input whatever, not only for calibration data
            t = int(bound.argmax())
            raise ValueError(f"The sum of target {t} may reach {bound[t]}, beyond 32 bits.")

    @property
    def input_factor(self) -> int:
        """What inputs are multiplied by when they are copied into 16-bit slots."""
        return 2 ** (16 - self.scale.bits)

    def quantize(self, X) -> np.ndarray:
        """Integers that the C code takes.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        Q : ndarray of shape (n_samples, n_features)
            int8 or int16; 0 for features that are not read.
        """
        X = np.asarray(X)
        Q = np.zeros(X.shape, f"int{self.scale.bits}")
        Q[:, self.program.inputs] = self.scale.quantize(X[:, self.program.inputs])
        return Q

    def outputs(self, Q) -> np.ndarray:
        """Values of the outputs, in integers.

        Parameters
        ----------
        Q : ndarray of shape (n_samples, n_features)
            Integers from `quantize`.

        Returns
        -------
        outputs : ndarray of shape (n_samples, n_outputs), int64
            The integers that the C code compares.
        """
        program = self.program
        saturate_from = program.n_targets - program.n_outputs

        def sums(t, values) -> np.ndarray:
            return self.weights[program.row(t)] @ values + self.biases[t] * self.bias_unit

        def finish(t, total) -> np.ndarray:
            value = total >> self.shifts[t]
            return value if t >= saturate_from else np.clip(value, -SLOT_MAX - 1, SLOT_MAX)

        return program.run(np.asarray(Q, np.int64), sums, finish, self._entries)

    def _entries(self, inputs) -> np.ndarray:
        """What rows read of the integers of a sample."""
        return inputs * self.input_factor if self.maps is None else self.maps.entries(inputs)

    def predict(self, Q) -> np.ndarray:
        """Answers of the C code.

        Parameters
        ----------
        Q : ndarray of shape (n_samples, n_features)
            Integers from `quantize`.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Class labels, indicators or values; these in float32.
        """
        outputs = self.outputs(Q)
        if self.exits is not None:
            return self.program.classes[self.exits.leave(outputs).numbers]
        if self.output_scale is not None:
            outputs = self.output_offset + outputs.astype(np.float32) * self.output_scale
        return self.program.head.predict(outputs)
