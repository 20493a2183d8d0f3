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
    values: np.ndarray | Sequence[Any]


@dataclass(frozen=True)
class Tables:
    """Constant tables and how a loop walks over them.

    Parameters
    ----------
    source : str
        Their definitions in C.
    pointers : str
        Definitions of the pointers that walk.
    access : dict of str to str
        For each column the expression of the entry that the pointers are at.
    advance : str
        The expression that moves them on.
    n_bytes : int
        Their size.
    """

    source: str
    pointers: str
    access: dict[str, str]
    advance: str
    n_bytes: int


def tabulate(prefix: str, name: str, columns: Sequence[Column]) -> Tables:
    """Define columns as one table of structs where these need no padding, else as a table each.

    One table needs one pointer, which on a small processor is code that isn't needed.

    Parameters
    ----------
    prefix : str
        Prefix of the macros that put tables into flash and read them.
    name : str
        Name of an entry of a table of structs.
    columns : list of Column
        Columns of equal length, at least one.

    Returns
    -------
    tables : Tables
        The definitions.
    """
    sizes = [BYTES[column.ctype] for column in columns]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    is_packed = not any(offsets[:-1] % sizes) and offsets[-1] % max(sizes) == 0
    if len(columns) > 1 and is_packed:
        fields = " ".join(f"{column.ctype} {column.name};" for column in columns)
        values = list(zip(*(c.values for c in columns))) or [(0,) * len(columns)]
        entries = ["{" + ",".join(map(literal, entry)) + "}" for entry in values]
        kinds, tables = {name: f"struct {name}"}, [(f"struct {name} {{ {fields} }}", name, entries)]
        entry = {column.name: f"{name}->{column.name}" for column in columns}
    else:
        kinds = {column.name: column.ctype for column in columns}
        tables = [(c.ctype, c.name, [literal(value) for value in c.values]) for c in columns]
        entry = {column.name: f"*{column.name}" for column in columns}
    return Tables(
        source="\n".join(define(prefix, kind, _plural(n), values) for kind, n, values in tables),
        pointers="\n".join(f"    const {kinds[n]} *{n} = {_plural(n)};" for n in kinds),
        access={c.name: f"{prefix}_READ({c.ctype}, {entry[c.name]})" for c in columns},
        advance=", ".join(f"++{n}" for n in kinds),
        n_bytes=int(sum(sizes)) * len(columns[0].values),
    )


def literal(value: Any) -> str:
    """Write a number in C; a float exactly, as a float32."""
    if not isinstance(value, float | np.floating):
        return str(int(value))
    if np.isnan(value):
        return "(0.0f / 0.0f)"
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


def signed_type(values: Iterable[int]) -> str:
    """Choose a signed type of 16 or 32 bits for these numbers."""
    return "int16_t" if all(-(2**15) <= value < 2**15 for value in values) else "int32_t"


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


def define(prefix: str, ctype: str, name: str, entries: Iterable[str]) -> str:
    """Define a constant array within a function, in flash."""
    entries = list(entries) or ["0"]  # C has no empty arrays
    head = f"    static const {ctype} {name}[{len(entries)}] {prefix}_FLASH = {{"
    return f"{head}\n{wrap(entries, ' ' * 8)}\n    }};"


def _plural(name: str) -> str:
    return name + ("es" if name.endswith("s") else "s")
