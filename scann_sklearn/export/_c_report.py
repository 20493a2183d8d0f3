"""What came out of an export to C."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from scann_sklearn.export._fixed_point import FixedPoint
from scann_sklearn.export._program import check_samples, decide
from scann_sklearn.export._single import SinglePrecision
from scann_sklearn.metrics import OperationCounts

# Code around the tables at -Os on a Cortex-M0, measured: the loop over rows, what two classes save
# of it, and a loop over full rows.
_LOOP_BYTES = {"float32": 230, "int16": 200, "int8": 180}
_TWO_CLASSES_BYTES = {"float32": -50, "int16": -28, "int8": -24}
_DENSE_BYTES = {"float32": 70, "int16": 95, "int8": 105}


@dataclass(frozen=True)
class CReport:
    """A model exported to C, and what it costs on a device.

    Parameters
    ----------
    path : Path
        The header.
    name : str
        Prefix of all its names.
    dtype : str
        "float32", "int16" or "int8".
    n_inputs : int
        Number of features that are read.
    n_connections : int
        Number of connections, those of a reduction that was not folded included.
    flash_bytes : int
        Tables and code of one inference: the tables exactly, the code as it was measured on a
        Cortex-M0. Where floating point is emulated, the emulation comes on top. See
        :func:`measure_flash`.
    ram_bytes : int
        Values of inputs and neurons, on the stack. Nothing else is in RAM but some registers.
    operations : OperationCounts
        Operations of one inference by the default :class:`~scann_sklearn.metrics.EnergyModel`.
    energy : float
        Joules of one inference by the same.
    code : object
        The arithmetic of the C code in NumPy, which `predict` uses.
    """

    path: Path
    name: str
    dtype: str
    n_inputs: int
    n_connections: int
    flash_bytes: int
    ram_bytes: int
    operations: OperationCounts
    energy: float
    code: SinglePrecision | FixedPoint = field(repr=False, compare=False)

    @property
    def ctype(self) -> str:
        """Type of the inputs in C."""
        return "float" if self.dtype == "float32" else f"{self.dtype}_t"

    def quantize(self, X) -> np.ndarray:
        """Convert samples to the numbers that the C code takes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        Q : ndarray of shape (n_samples, n_features)
            In the dtype of the export; 0 for features that integer code doesn't read.
        """
        X = check_samples(X, self.code.program.n_features)
        return self.code.quantize(X)

    def predict(self, X) -> np.ndarray:
        """Predict what the C code predicts, without a compiler.

        Integer code is followed bit by bit, so this is its accuracy before anything is flashed.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y : ndarray of shape (n_samples,)
            Class labels.
        """
        best = decide(self.code.outputs(self.quantize(X)))
        return self.code.program.classes[best]


def code_bytes(dtype: str, *, is_binary: bool, is_dense: bool) -> int:
    """Estimate the bytes of the code around the tables."""
    extra = is_binary * _TWO_CLASSES_BYTES[dtype] + is_dense * _DENSE_BYTES[dtype]
    return _LOOP_BYTES[dtype] + extra
