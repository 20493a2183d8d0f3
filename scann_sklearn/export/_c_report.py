"""What came out of an export to C."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from scann_sklearn.export._c_costs import InferenceCost
from scann_sklearn.export._c_source import model_hash
from scann_sklearn.export._fixed_point import FixedPoint
from scann_sklearn.export._map_blocks import blocks_of
from scann_sklearn.export._raw_scale import RawScale
from scann_sklearn.export._single import SinglePrecision
from scann_sklearn.heads._exits import Exits
from scann_sklearn.metrics import OperationCounts
from scann_sklearn.model._maps import Maps
from scann_sklearn.model._program import Program

# Code around the tables at -Os on a Cortex-M0, measured with arm-none-eabi-gcc 12.2 and the clang
# of ziglang, which differ by some 20 bytes: the loop over rows, what two classes save of it, what
# other answers than a class add, a loop over full rows, and the loop over a front with each kind of
# its entries.
_LOOP_BYTES = {"float32": 205, "int16": 185, "int8": 165}
_TWO_CLASSES_BYTES = {"float32": -35, "int16": -22, "int8": -25}
_OTHER_ANSWER_BYTES = {
    "labels": {"float32": 10, "int16": 0, "int8": 10},
    "values": {"float32": -40, "int16": 0, "int8": 0},
}
_FRONT_BYTES, _KIND_BYTES = 10, 20
_DENSE_BYTES = {"float32": 70, "int16": 90, "int8": 95}
# Saved registers and variables there, found on a painted stack; for float32 those of the emulation
# are among them.
_FRAME_BYTES = {"float32": 100, "int16": 44, "int8": 42}
# What maps add to both, measured in the same way: to begin with (inputs aren't copied), for each
# function, a window in it, a frame around the image, one around maps and an area; and to the frame,
# with and without windows, and with areas.
_MAP_BYTES = {
    "float32": (-50, 182, 68, 115, 73, 70),
    "int16": (-50, 232, 77, 86, 12, 55),
    "int8": (-30, 187, 57, 82, 19, 60),
}
_MAP_FRAME_BYTES = {"float32": (68, 45), "int16": (65, 41), "int8": (52, 29)}
_AREA_FRAME_BYTES = 12
# What early exits add to both: of several outputs an exit, and of one; with a mean at the end,
# where all leave at the last of some exits, and at the only one.
_EXIT_BYTES = {
    "float32": ((825, 615), (520, 78), (-25, -26)),
    "int16": ((295, 315), (145, 58), (-12, 2)),
    "int8": ((295, 315), (155, 76), (4, 14)),
}
_EXIT_FRAME_BYTES = {"float32": (52, 40, 0), "int16": (18, 12, 1), "int8": (18, 12, 5)}


class RamBytes(NamedTuple):
    """What of RAM an inference takes, in bytes.

    Parameters
    ----------
    input : int
        The sample, which the caller keeps.
    values : int
        Values of inputs and neurons, on the stack.
    frame : int
        Registers and variables beside them, as measured on a Cortex-M0; for float32 with those of
        its emulation.
    """

    input: int
    values: int
    frame: int

    @classmethod
    def of(cls, dtype, program, value_bytes) -> Self:
        """Count them for a type of inputs."""
        size = 4 if dtype == "float32" else int(dtype.removeprefix("int")) // 8
        frame = _FRAME_BYTES[dtype]
        if isinstance(program.front, Maps):
            blocks = blocks_of(program.front)
            has_windows = any(block.window > 1 for block in blocks)
            frame += _MAP_FRAME_BYTES[dtype][not has_windows]
            frame += _AREA_FRAME_BYTES * any(block.computed is not None for block in blocks)
        if isinstance(program.head, Exits):
            frame += _EXIT_FRAME_BYTES[dtype][_kind_of_exits(program.head)]
        return cls(size * program.n_features, value_bytes, frame)


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
        Cortex-M0, that of convolutions and early exits with the clang of ziglang, from which gcc
        differs by up to a tenth. Where floating point is emulated, the emulation comes on top;
        values of integer code are made of integers by one product and one sum of floats each. See
        :func:`measure_flash`.
    ram : RamBytes
        The caller's sample, values of inputs and neurons, and the rest of the stack frame. Tables
        stay in flash, on AVR too.
    operations : OperationCounts
        Operations of one inference by the default :class:`~scann_sklearn.metrics.EnergyModel`.
    energy : float
        Joules of one inference by the same.
    instructions : int or None
        Instructions of one inference on a Cortex-M0, at most, for integers: as clang compiles and
        an emulator counts. None for float32: how long its emulation takes depends on the numbers.
    exits : tuple of InferenceCost
        With early exits what an inference costs that ends at each of them: `n_connections`,
        `operations`, `energy` and `instructions`. The numbers above are the worst case, that of the
        last one. An exit behind one that all samples leave at is not in the code, and not here.
        Empty where there are no early exits.
    code : object
        The arithmetic of the C code in NumPy, which `predict` uses.
    """

    path: Path
    name: str
    dtype: str
    n_inputs: int
    n_connections: int
    flash_bytes: int
    ram: RamBytes
    operations: OperationCounts
    energy: float
    instructions: int | None
    exits: tuple[InferenceCost, ...]
    code: SinglePrecision | FixedPoint = field(repr=False, compare=False)

    @property
    def kind(self) -> str:
        """What ``<name>_predict`` answers: "classes", "labels" or "values"."""
        return self.code.program.kind

    @property
    def ctype(self) -> str:
        """Type of the inputs in C."""
        return "float" if self.dtype == "float32" else f"{self.dtype}_t"

    @property
    def ram_bytes(self) -> int:
        """Bytes of RAM of one inference: the sum of `ram`."""
        return sum(self.ram)

    @property
    def model_hash(self) -> str:
        """What ``<NAME>_MODEL_HASH`` is in the header: it differs where the network does."""
        return model_hash(self.code)

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
        return self.code.quantize(self.code.program.check_samples(X))

    def quantize_i16(self, X) -> np.ndarray:
        """Convert whole readings as ``<name>_quantize_i16`` does, bit by bit.

        They are at most 1 from those of :meth:`quantize`, and equal where the step is a power of
        two and the offset whole.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples of whole numbers from -32768 to 32767.

        Returns
        -------
        Q : ndarray of shape (n_samples, n_features)
            In the dtype of the export; 0 for features that are not read.

        Raises
        ------
        ValueError
            If the export has no such function or X holds other numbers.
        """
        raw = None if isinstance(self.code, SinglePrecision) else RawScale.of(self.code.scale)
        if raw is None:
            reason = "is float32" if self.dtype == "float32" else "has offsets beyond 16 bits"
            raise ValueError(f"The header has no {self.name}_quantize_i16: it {reason}.")
        program = self.code.program
        X = program.check_samples(X)
        wrong = (np.round(X) != X) | (X < -(2**15)) | (X >= 2**15)
        if wrong.any():
            i, j = np.argwhere(wrong)[0]
            raise ValueError(
                f"X holds {X[i, j]} in row {i}, feature {j}: no whole number of 16 bits."
            )
        Q = np.zeros(X.shape, self.dtype)
        Q[:, program.inputs] = raw.quantize(X[:, program.inputs])
        return Q

    def scores(self, X) -> np.ndarray:
        """Outputs of the C code, those of ``<name>_scores`` or, in float32, ``<name>_outputs``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_outputs)
            The numbers that decide: the class is that of the largest, or with one output the second
            where it is above 0; a sample has the labels of those above 0; with early exits they are
            those of all exits in the code. Those of integer code have a scale of their own, one for
            all outputs; for values see `output_scale`.
        """
        return self.code.outputs(self.quantize(X))

    def predict(self, X) -> np.ndarray:
        """Predict what the C code predicts, without a compiler.

        Integer code is followed bit by bit, so this is its accuracy before anything is flashed.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Class labels, indicators of labels, or values.
        """
        return self.code.predict(self.quantize(X))

    def predict_exit(self, X) -> np.ndarray:
        """Predict at which exit samples leave in the C code.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Samples.

        Returns
        -------
        exits : ndarray of int of shape (n_samples,)
            From 0 on. At the last one the mean of all decides.

        Raises
        ------
        ValueError
            If the model has no early exits.
        """
        if self.code.exits is None:
            raise ValueError(f"{self.name} has no early exits.")
        return self.code.exits.leave(self.scores(X)).exits

    @property
    def output_scale(self) -> np.ndarray | None:
        """Where integer code predicts values: what an integer of `scores` is worth, one an output.

        A value is ``output_offset + output_scale * scores``. None for classes, labels and float32.
        """
        return getattr(self.code, "output_scale", None)

    @property
    def output_offset(self) -> np.ndarray | None:
        """Where integer code predicts values: the value of the integer 0, see `output_scale`."""
        return getattr(self.code, "output_offset", None)


def _map_bytes(dtype, maps) -> int:
    """Estimate the bytes of the functions of maps."""
    blocks = blocks_of(maps)
    paddings = [block.convolution.padding > 0 for block in blocks]
    n_windows = sum(block.window > 1 for block in blocks)
    n_areas = sum(block.computed is not None for block in blocks)
    counts = (1, len(blocks), n_windows, int(paddings[0]), sum(paddings[1:]), n_areas)
    return sum(n * size for n, size in zip(counts, _MAP_BYTES[dtype]))


def _kind_of_exits(head) -> int:
    """Which column of the tables above."""
    return 0 if head.takes_mean else 1 if head.n_exits > 1 else 2


def code_bytes(dtype: str, program: Program, *, is_dense: bool) -> int:
    """Estimate the bytes of the code around the tables."""
    head, front = program.head, program.front
    n_bytes = _LOOP_BYTES[dtype] + is_dense * _DENSE_BYTES[dtype]
    if isinstance(head, Exits):
        n_bytes += _EXIT_BYTES[dtype][_kind_of_exits(head)][head.inner.decides_by_sign]
    elif head.decides_by_sign:
        n_bytes += _TWO_CLASSES_BYTES[dtype]
    if isinstance(front, Maps):
        n_bytes += _map_bytes(dtype, front)
    elif front is not None:
        n_bytes += _FRONT_BYTES + _KIND_BYTES * len(np.unique(front.kinds))
    return n_bytes + _OTHER_ANSWER_BYTES.get(head.kind, {}).get(dtype, 0)
