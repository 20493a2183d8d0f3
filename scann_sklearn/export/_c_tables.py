"""Constant tables of generated C code, packed as tightly as C allows."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

BYTES = {
    "int8_t": 1,
    "uint8_t": 1,
    "int16_t": 2,
    "uint16_t": 2,
    "int32_t": 4,
    "uint32_t": 4,
    "float": 4,
}
_LINE_LENGTH = 96


@dataclass(frozen=True)
class Column:
    """One number for each entry of a table.

    Parameters
    ----------
    name : str
        Name in C.
    ctype : str
        Type in C.
    values : sequence
        The numbers.
    """

    name: str
    ctype: str
    values: Sequence[Any]


@dataclass(frozen=True)
class Tables:
    """Constant tables.

    Parameters
    ----------
    source : str
        Their definitions in C.
    access : dict of str to str
        For each column the expression of its entry.
    n_bytes : int
        Their size.
    """

    source: str
    access: dict[str, str]
    n_bytes: int


def tabulate(name: str, index: str, columns: Sequence[Column]) -> Tables:
    """Define columns as one table of structs where these need no padding, else as a table each.

    One table needs one pointer, which on a small processor is code that isn't needed.

    Parameters
    ----------
    name : str
        Name of a table of structs.
    index : str
        The C variable that counts entries.
    columns : list of Column
        Columns of equal length, at least one.

    Returns
    -------
    tables : Tables
        The definitions.
    """
    sizes = [BYTES[column.ctype] for column in columns]
    n_entries = len(columns[0].values)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    is_packed = not any(offsets[:-1] % sizes) and offsets[-1] % max(sizes) == 0
    if len(columns) > 1 and is_packed:
        fields = " ".join(f"{column.ctype} {column.name};" for column in columns)
        values = list(zip(*(c.values for c in columns))) or [(0,) * len(columns)]
        entries = ["{" + ",".join(map(literal, entry)) + "}" for entry in values]
        source = _definition(f"struct {{ {fields} }} {name}", entries)
        access = {column.name: f"{name}[{index}].{column.name}" for column in columns}
    else:
        source = "\n".join(
            _definition(f"{column.ctype} {column.name}", map(literal, column.values))
            for column in columns
        )
        access = {column.name: f"{column.name}[{index}]" for column in columns}
    return Tables(source, access, int(sum(sizes)) * n_entries)


def literal(value: Any) -> str:
    """Write a number in C; a float exactly, as a float32."""
    if not isinstance(value, float | np.floating):
        return str(int(value))
    text = f"{np.float32(value):.9g}"
    return text + ("f" if "." in text or "e" in text else ".0f")


def string_literal(text: str) -> str:
    """Write a string in C: UTF-8, all but plain characters as octal escapes."""
    plain = set(range(32, 127)) - set(b'"\\?')
    return '"' + "".join(chr(b) if b in plain else f"\\{b:03o}" for b in text.encode()) + '"'


def unsigned_type(values: Iterable[int]) -> str:
    """Choose the smallest unsigned type for these numbers."""
    largest = max(values, default=0)
    return "uint8_t" if largest < 2**8 else "uint16_t" if largest < 2**16 else "uint32_t"


def wrap(items: Iterable[str], indent: str) -> str:
    """Put items into lines; an item, which may be a string with spaces, stays whole."""
    words = list(items)
    words[:-1] = [word + "," for word in words[:-1]]
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= _LINE_LENGTH:
            lines[-1] += " " + word
        else:
            lines.append(indent + word)
    return "\n".join(lines)


def _definition(declarator: str, entries: Iterable[str]) -> str:
    entries = list(entries) or ["0"]  # C has no empty arrays
    return f"    static const {declarator}[{len(entries)}] = {{\n{wrap(entries, ' ' * 8)}\n    }};"
