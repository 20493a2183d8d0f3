"""The file of a model: arrays in an .npz archive, versioned, without pickle."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import math
import reprlib
import zipfile
from dataclasses import fields
from io import BytesIO
from os import PathLike

import numpy as np

from scann_sklearn._files import shortened, write_file
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
_CENTRAL_RECORD = b"PK\x01\x02"  # begins what an archive says of an entry
_MOST_ENTRIES = 64  # archives of more are foreign; a million entries would take up much memory


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
    file = BytesIO()  # savez would append an ending to a name
    np.savez(file, allow_pickle=False, format=np.array(FORMAT), version=np.array(version), **arrays)
    write_file(path, file.getvalue())


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
    if content.count(_CENTRAL_RECORD) > _MOST_ENTRIES:
        raise ValueError("it is an archive of many files")
    with zipfile.ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
        names = {info.filename.removesuffix(".npy"): info for info in entries}
        if not {"format", "version"} <= set(names):
            raise ValueError("it doesn't name its format")
        if any(info.compress_type != zipfile.ZIP_STORED for info in entries):
            raise ValueError("it is compressed, which files of this format are not")
        if len(names) < len(entries) or sum(info.file_size for info in entries) > len(content):
            raise ValueError("entries overlap or occur twice")
        version = _version(_read(archive, names["format"]), _read(archive, names["version"]))
        expected = _ENTRIES[version]
        if set(names) != expected | {"format", "version"}:
            wrong = reprlib.repr(sorted(set(names) ^ (expected | {"format", "version"})))
            raise ValueError(f"entries are missing or too many: {wrong}")
        return {name: _read(archive, names[name]) for name in expected}


def _version(found, version) -> int:
    """Format version of a file, checked."""
    if found.shape != () or found.item() != FORMAT:
        raise ValueError(f"its format is {_short(found)}, not {FORMAT!r}")
    if version.shape != () or version.dtype.kind != "i" or version < 1:
        raise ValueError(f"its format version is {_short(version)}")
    if version > VERSION:
        raise ValueError(
            f"its format version is {version}, and this release of scann-sklearn reads versions up "
            f"to {VERSION}: update it"
        )
    return int(version)


def _read(archive, info) -> np.ndarray:
    """An array, or a number; no more is allocated than the entry has bytes."""
    content = archive.read(info)
    file = BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):  # others are for headers beyond 64 kB
        raise ValueError(f"{info.filename} is in another version of NumPy's format")
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject:
        raise ValueError(f"Object arrays cannot be loaded: {info.filename}")
    if dtype.itemsize == 0 or dtype.kind == "V" or fortran_order:
        raise ValueError(f"{info.filename} is of dtype {dtype}, or in Fortran's order")
    if len(shape) > 1 or any(type(n) is not int or n < 0 for n in shape):
        raise ValueError(f"{info.filename} is of shape {shape}")
    claimed, found = math.prod(shape) * dtype.itemsize, len(content) - file.tell()
    if claimed != found:
        raise ValueError(f"{info.filename} has {found} bytes, its header says {claimed}")
    array = np.ndarray(shape, dtype, content, file.tell()).copy()
    if dtype.kind == "U":
        array.tolist()  # an error where a number is no character
    return array


def _short(array) -> str:
    """An array for an error, not longer than a line."""
    if array.shape == ():
        return reprlib.repr(array.item())
    return f"an array of shape {array.shape} and dtype {array.dtype}"


def _program(arrays) -> Program:
    for name in _NUMBERS:
        number = arrays[name]
        if number.shape != () or number.dtype.kind != "i" or number < 0:
            raise ValueError(f"{name} is {_short(number)}.")
        arrays[name] = int(number)
    if "kind" in arrays:
        if arrays["kind"].shape != () or arrays["kind"].dtype.kind != "U":
            raise ValueError(f"kind is {_short(arrays['kind'])}.")
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
