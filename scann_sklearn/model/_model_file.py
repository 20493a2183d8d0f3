"""The file of a model: arrays in an .npz archive, versioned, without pickle."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import reprlib
from dataclasses import fields
from os import PathLike

import numpy as np

from scann_sklearn._files import shortened, write_file
from scann_sklearn._npz import Archive, npz_bytes, short
from scann_sklearn.model._front import Front
from scann_sklearn.model._maps import Maps
from scann_sklearn.model._program import Program

FORMAT = "scann-sklearn model"
VERSION = 6

_NUMBERS = ("n_features", "n_linear", "n_outputs")
# Version 1 knows classes only, version 2 no front, version 3 no maps, version 4 no areas of these,
# version 5 no exits; version 6 has them, and no front.
# A model is written in the oldest version that knows all of it: older releases read that.
_EXITS = {"exits", "thresholds"}
_ENTRIES = {2: {field.name for field in fields(Program)} - {"front"} - _EXITS}
_ENTRIES[1] = _ENTRIES[2] - {"kind"}
_FRONTS: dict[int, type[Front] | type[Maps]] = {3: Front, 4: Maps, 5: Maps}
_PARTS = {version: {field.name for field in fields(_FRONTS[version])} for version in _FRONTS}
_PARTS[4] -= {"areas"}
_ENTRIES[6] = _ENTRIES[2] | _EXITS
_ENTRIES |= {v: _ENTRIES[2] | {f"front_{name}" for name in _PARTS[v]} for v in _FRONTS}
_LABEL_KINDS = "iubfU"


def write_model(path: str | PathLike[str], program: Program) -> None:
    """Write a program to a file.

    Parameters
    ----------
    path : str or path-like
        File name.
    program : Program
        What is written.

    Raises
    ------
    TypeError
        If the class labels are Python objects other than strings.
    NotImplementedError
        If there is something ahead of a network with early exits.
    OSError
        If it can't be written.
    """
    classes = program.classes
    if classes.dtype.kind == "O" and all(isinstance(label, str) for label in classes):
        classes = classes.astype(str)
    if classes.dtype.kind not in _LABEL_KINDS:
        raise TypeError(
            f"Class labels of dtype {classes.dtype} can't be written without pickle: "
            f"{reprlib.repr(classes.tolist())}. Fit with integers or strings."
        )
    version, front = 1 if program.kind == "classes" else 2, program.front
    if program.exits is not None:
        version = 6
        if front is not None:
            raise NotImplementedError(
                "A file can't hold both early exits and steps that fill in missing "
                "values or encode categories: save the last step alone, model[-1], "
                "and prepare its inputs yourself."
            )
    arrays = {name: getattr(program, name) for name in _ENTRIES[version]}
    arrays["classes"] = classes
    if front is not None:
        version = 3 if isinstance(front, Front) else 5 if len(front.areas) else 4
        arrays["kind"] = program.kind
        arrays |= {f"front_{name}": getattr(front, name) for name in _PARTS[version]}
    write_file(path, npz_bytes(FORMAT, version, arrays))


def read_model(path: str | PathLike[str]) -> Program:
    """Read a program from a file.

    Parameters
    ----------
    path : str or path-like
        File name.

    Returns
    -------
    program : Program
        What was written, checked.

    Raises
    ------
    ValueError
        If the file is foreign, damaged or of a later format.
    OSError
        If it can't be read.
    """
    with open(path, "rb") as file:
        content = file.read()
    try:
        arrays = _read_arrays(content)
    except Exception as error:  # zipfile and NumPy raise a dozen kinds for damaged headers
        raise ValueError(
            f"{path} is not a model file of scann-sklearn, or is damaged: {shortened(error)}"
        ) from error
    try:
        return _program(arrays)
    except ValueError as error:
        raise ValueError(f"{path} is damaged or was changed. {shortened(error)}") from error


def _read_arrays(content) -> dict[str, np.ndarray]:
    """All arrays of the archive; nothing is unpickled and nothing unpacked."""
    archive = Archive(content, FORMAT, VERSION)
    expected = _ENTRIES[archive.version]
    if archive.names != expected:
        wrong = reprlib.repr(sorted(archive.names ^ expected))
        raise ValueError(f"entries are missing or too many: {wrong}")
    return {name: archive.read(name) for name in expected}


def _program(arrays) -> Program:
    for name in _NUMBERS:
        number = arrays[name]
        if number.shape != () or number.dtype.kind != "i" or number < 0:
            raise ValueError(f"{name} is {short(number)}.")
        arrays[name] = int(number)
    if "kind" in arrays:
        if arrays["kind"].shape != () or arrays["kind"].dtype.kind != "U":
            raise ValueError(f"kind is {short(arrays['kind'])}.")
        arrays["kind"] = arrays["kind"].item()
    if arrays["classes"].dtype.kind not in _LABEL_KINDS:
        raise ValueError(f"Class labels are of dtype {arrays['classes'].dtype}.")
    parts = {
        name: arrays.pop(f"front_{name}")
        for name in set().union(*_PARTS.values())
        if f"front_{name}" in arrays
    }
    kinds = [_FRONTS[version] for version, names in _PARTS.items() if names == set(parts)]
    return Program(**arrays, front=kinds[0](**parts) if kinds else None)
