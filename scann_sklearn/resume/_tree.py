"""Plain values and arrays as the content of a file: JSON, and one flat array for each dtype."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from scann_sklearn._npz import Archive, npz_bytes

FORMAT = "scann-sklearn checkpoint"
VERSION = 1

_PLACE = "$"  # the only key of what stands for an array: dtype, where it begins, shape
_PREFIX = "all_"


def packed(tree: Any) -> bytes:
    """Content of a file.

    Parameters
    ----------
    tree : dict, list, str, bool, int, float, None or ndarray
        Dicts and lists of such; keys are strings. Tuples become lists.

    Returns
    -------
    content : bytes
        An .npz archive of few entries: one for each array would take its time.

    Raises
    ------
    TypeError
        If there is something else in it.
    """
    arrays: dict[str, list[np.ndarray]] = {}
    sizes: dict[str, int] = {}

    def place(value) -> dict[str, list]:
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
            kind = type(value).__name__
            raise TypeError(f"A checkpoint can't hold a {kind}: {str(value)[:100]!r}.")
        name = value.dtype.name
        begin = sizes.get(name, 0)
        sizes[name] = begin + value.size
        arrays.setdefault(name, []).append(value.astype(name, copy=False).ravel())
        return {_PLACE: [name, begin, list(value.shape)]}

    words = json.dumps(tree, default=place).encode()
    flat = {_PREFIX + name: np.concatenate(parts) for name, parts in arrays.items()}
    return npz_bytes(FORMAT, VERSION, {"tree": np.frombuffer(words, np.uint8), **flat})


def unpacked(content: bytes) -> Any:
    """The tree that was packed; each array is a copy of its own.

    Parameters
    ----------
    content : bytes
        Of a file.

    Returns
    -------
    tree : object
        Nothing in it was executed.

    Raises
    ------
    ValueError
        If it is no such file, or damaged. A damaged one raises other errors too.
    """
    archive = Archive(content, FORMAT, VERSION)
    names = archive.names - {"tree"}
    flat = {name.removeprefix(_PREFIX): archive.read(name) for name in names}

    def array(found) -> Any:
        if _PLACE not in found:
            return found
        name, begin, shape = found[_PLACE]
        numbers = [begin, *shape]
        if any(type(n) is not int or n < 0 for n in numbers):
            raise ValueError(f"an array begins at {begin} and is of shape {shape}")
        end = begin + math.prod(shape)
        if end > len(flat[name]):
            raise ValueError(f"an array ends at {end}, behind all that are there")
        return flat[name][begin:end].reshape(shape).copy()

    return json.loads(archive.read("tree").tobytes(), object_hook=array)
