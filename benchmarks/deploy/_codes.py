"""C code of any origin, as a header with a function ``NAME_predict``."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scann_sklearn.export import to_c
from scann_sklearn.metrics import EnergyModel, OperationCounts

FORMATS = ("float32", "int16", "int8")


@dataclass(frozen=True)
class Code:
    """A header that defines ``int NAME_predict(const CTYPE *x)``.

    Parameters
    ----------
    path : Path
        The header.
    name : str
        Prefix of its names.
    ctype : str
        Type of the inputs in C.
    dtype : str
        Number format: "float32", "int16" or "int8".
    rows : callable
        Makes the numbers that the code takes of raw samples.
    operations : OperationCounts
        Operations of one inference.
    n_parameters : int or None
        Weights and biases; None for trees.
    flags : tuple of str, default=()
        Options that every compiler needs for it.
    freestanding : tuple of str, default=()
        Options more, for a compiler without a C library.
    note : str, default=""
        What is special about it.
    """

    path: Path
    name: str
    ctype: str
    dtype: str
    rows: Callable
    operations: OperationCounts
    n_parameters: int | None
    flags: tuple[str, ...] = ()
    freestanding: tuple[str, ...] = ()
    note: str = ""
    kind = "classes"  # what the function answers, as `measure_flash` asks reports

    @property
    def energy(self):
        """Joules of one inference."""
        return EnergyModel().joules(self.operations)


def our_code(model, dtype, parts, folder, name):
    """Header of `scann_sklearn.export.to_c`, calibrated on the training part."""
    report = to_c(model, Path(folder, f"{name}.h"), dtype=dtype, calibration=parts.X_train)
    n_neurons = model.n_hidden_ + model.n_outputs_
    return Code(
        path=report.path,
        name=report.name,
        ctype=report.ctype,
        dtype=dtype,
        rows=lambda X: np.ascontiguousarray(report.quantize(X)),
        operations=report.operations,
        n_parameters=report.n_connections + n_neurons,
    )
