"""Archives of arrays (.npz) that are read without pickle and without unpacking anything."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import math
import reprlib
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np

_CENTRAL_RECORD = b"PK\x01\x02"  # begins what an archive says of an entry
_MOST_ENTRIES = 64  # archives of more are foreign; a million entries would take up much memory


def npz_bytes(form: str, version: int, arrays: Mapping[str, Any]) -> bytes:
    """Content of an archive.

    Parameters
    ----------
    form : str
        Name of the format.
    version : int
        Its version.
    arrays : dict of str to array-like
        What is in it, without Python objects.

    Returns
    -------
    content : bytes
        Not compressed.

    Raises
    ------
    MemoryError
        If there is no memory for it.
    """
    file = BytesIO()  # as np.savez does, which could pickle objects before NumPy 2.1
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, array in {"format": form, "version": version, **arrays}.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)
    except ValueError as error:  # of zipfile, which can't close what has no memory left
        context = error.__context__
        while context is not None and not isinstance(context, MemoryError):
            context = context.__context__
        raise (error if context is None else context) from None
    return file.getvalue()


class Archive:
    """An archive that names its format; entries are read one by one, and checked.

    Parameters
    ----------
    content : bytes
        Of the file.
    form : str
        Name of the format that it should have.
    newest : int
        Its newest version that is known.

    Attributes
    ----------
    names : set of str
        Its entries, without format and version.
    version : int
        Of the format.

    Raises
    ------
    ValueError
        If it is of another format or a later version, compressed, or not in order. zipfile and
        NumPy raise a dozen other kinds for damaged headers.
    """

    def __init__(self, content: bytes, form: str, newest: int) -> None:
        if content.count(_CENTRAL_RECORD) > _MOST_ENTRIES:
            raise ValueError("it is an archive of many files")
        self._archive = zipfile.ZipFile(BytesIO(content))
        entries = self._archive.infolist()
        self._infos = {info.filename.removesuffix(".npy"): info for info in entries}
        self.names = set(self._infos) - {"format", "version"}
        if len(self._infos) - len(self.names) < 2:
            raise ValueError("it doesn't name its format")
        if any(info.compress_type != zipfile.ZIP_STORED for info in entries):
            raise ValueError("it is compressed, which files of this format are not")
        size = sum(info.file_size for info in entries)
        if len(self._infos) < len(entries) or size > len(content):
            raise ValueError("entries overlap or occur twice")
        self.version = _version(self.read("format"), self.read("version"), form, newest)

    def read(self, name: str) -> np.ndarray:
        """An array, or a number; no more is allocated than the entry has bytes.

        Parameters
        ----------
        name : str
            Of the entry.

        Returns
        -------
        array : ndarray of at most one dimension
            A copy of its own.
        """
        info = self._infos[name]
        content = self._archive.read(info)
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


def short(array: np.ndarray) -> str:
    """An array for an error, not longer than a line."""
    if array.shape == ():
        return reprlib.repr(array.item())
    return f"an array of shape {array.shape} and dtype {array.dtype}"


def _version(found, version, form, newest) -> int:
    """Format version of a file, checked."""
    if found.shape != () or found.item() != form:
        raise ValueError(f"its format is {short(found)}, not {form!r}")
    if version.shape != () or version.dtype.kind != "i" or version < 1:
        raise ValueError(f"its format version is {short(version)}")
    if version > newest:
        raise ValueError(
            f"its format version is {version}, and this release of scann-sklearn reads versions up "
            f"to {newest}: update it"
        )
    return int(version)
