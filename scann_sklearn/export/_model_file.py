"""The file of a model: arrays in an .npz archive, versioned, without pickle."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import zipfile
from dataclasses import fields
from io import BytesIO
from os import PathLike

import numpy as np

from scann_sklearn.export._program import Program

FORMAT = "scann-sklearn model"
VERSION = 1

_NUMBERS = ("n_features", "n_linear", "n_outputs")
_ENTRIES = {field.name for field in fields(Program)}
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
    """
    classes = program.classes
    if classes.dtype.kind == "O" and all(isinstance(label, str) for label in classes):
        classes = classes.astype(str)
    if classes.dtype.kind not in _LABEL_KINDS:
        raise TypeError(
            f"Class labels of dtype {classes.dtype} can't be written without pickle: "
            f"{classes.tolist()}. Fit with integers or strings."
        )
    arrays = {name: getattr(program, name) for name in _ENTRIES} | {"classes": classes}
    with open(path, "wb") as file:  # savez would append an ending to a name
        np.savez(
            file, allow_pickle=False, format=np.array(FORMAT), version=np.array(VERSION), **arrays
        )


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
        arrays = _read_arrays(BytesIO(content))
    except Exception as error:  # zipfile and NumPy raise a dozen kinds for damaged headers
        raise ValueError(
            f"{path} is no model file of scann-sklearn, or it is damaged: {error}"
        ) from error
    try:
        return _program(arrays)
    except ValueError as error:
        raise ValueError(f"{path} is damaged or was changed. {error}") from error


def _read_arrays(file):
    """All arrays of the archive; nothing is unpickled and nothing unpacked."""
    with zipfile.ZipFile(file) as archive:
        names = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        if not {"format", "version"} <= set(names):
            raise ValueError("it doesn't name its format")
        if any(info.compress_type != zipfile.ZIP_STORED for info in names.values()):
            raise ValueError("it is compressed, which files of this format are not")
        _check_version(_read(archive, names["format"]), _read(archive, names["version"]))
        if set(names) != _ENTRIES | {"format", "version"}:
            wrong = sorted(set(names) ^ (_ENTRIES | {"format", "version"}))
            raise ValueError(f"entries are missing or too many: {wrong}")
        return {name: _read(archive, names[name]) for name in _ENTRIES}


def _check_version(found, version):
    if found.shape != () or found.item() != FORMAT:
        raise ValueError(f"its format is {found.tolist()!r}, not {FORMAT!r}")
    if version.shape != () or version.dtype.kind != "i" or version < 1:
        raise ValueError(f"its format version is {version.tolist()!r}")
    if version > VERSION:
        raise ValueError(
            f"its format version is {version}, and this release of scann-sklearn reads versions up "
            f"to {VERSION}: update it"
        )


def _read(archive, info):
    with archive.open(info) as entry:
        array = np.lib.format.read_array(entry, allow_pickle=False)
        if entry.read(1):  # to the end, where the checksum is compared
            raise ValueError(f"{info.filename} is longer than its array")
        return array


def _program(arrays):
    for name in _NUMBERS:
        number = arrays[name]
        if number.shape != () or number.dtype.kind != "i" or number < 0:
            raise ValueError(f"{name} is {number.tolist()!r}.")
        arrays[name] = int(number)
    if arrays["classes"].dtype.kind not in _LABEL_KINDS:
        raise ValueError(f"Class labels are of dtype {arrays['classes'].dtype}.")
    return Program(**arrays)
