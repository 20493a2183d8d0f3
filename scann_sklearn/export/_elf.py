"""Section sizes and missing symbols of an object file, read without any tool."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

_ALLOCATED, _EXECUTABLE = 2, 4  # section flags
_SYMBOLS, _NO_BITS = 2, 8  # section types


class _Section(NamedTuple):
    name: int
    kind: int
    flags: int
    offset: int
    size: int
    link: int


def section_sizes(data: bytes) -> tuple[int, int]:
    """Measure code and constants of an object file.

    Parameters
    ----------
    data : bytes
        An object file in ELF format, of 32 or 64 bits.

    Returns
    -------
    text, rodata : int
        Bytes of all sections with code, and of all with other data that a program loads: constants,
        initial values, unwind tables.

    Raises
    ------
    ValueError
        If the file is of another format.
    """
    text = rodata = 0
    for section in _sections(data):
        if section.flags & _EXECUTABLE:
            text += section.size
        elif section.flags & _ALLOCATED and section.kind != _NO_BITS:
            rodata += section.size
    return text, rodata


def missing_symbols(data: bytes) -> list[str]:
    """List the symbols that an object file wants from others.

    Parameters
    ----------
    data : bytes
        An object file in ELF format.

    Returns
    -------
    names : list of str
        Sorted names.
    """
    order, is_wide, _ = _format(data)
    names = set()
    sections = _sections(data)
    for section in sections:
        if section.kind != _SYMBOLS:
            continue
        size = 24 if is_wide else 16
        for at in range(section.offset + size, section.offset + section.size, size):
            (name,) = struct.unpack_from(order + "I", data, at)
            (home,) = struct.unpack_from(order + "H", data, at + (6 if is_wide else 14))
            if home == 0:
                start = sections[section.link].offset + name
                names.add(data[start : data.index(b"\0", start)].decode())
    return sorted(names - {""})


def _format(data: bytes) -> tuple[str, bool, str]:
    if data[:4] != b"\x7fELF":
        raise ValueError(f"This is no object file in ELF format: it begins with {data[:4]!r}.")
    order, is_wide = "<>"[data[5] - 1], data[4] == 2
    return order, is_wide, order + ("IIQQQQIIQQ" if is_wide else "IIIIIIIIII")


def _sections(data: bytes) -> list[_Section]:
    order, is_wide, layout = _format(data)
    (table,) = struct.unpack_from(order + ("Q" if is_wide else "I"), data, 40 if is_wide else 32)
    size, count = struct.unpack_from(order + "HH", data, 58 if is_wide else 46)
    return list(_read_sections(data, layout, table, size, count))


def _read_sections(data, layout, table, size, count) -> Iterator[_Section]:
    for i in range(count):
        name, kind, flags, _, offset, length, link, *_ = struct.unpack_from(
            layout, data, table + i * size
        )
        yield _Section(name, kind, flags, offset, length, link)
