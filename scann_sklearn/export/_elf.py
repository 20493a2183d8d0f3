"""Section sizes and missing symbols of an object file, read without any tool."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import struct
from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

_WRITABLE, _ALLOCATED, _EXECUTABLE = 1, 2, 4  # section flags
_SYMBOLS, _RELOCATIONS, _NO_BITS = 2, (4, 9), 8  # section types
_AVR = 83  # a machine whose flash is not in the address space of data


class SectionSizes(NamedTuple):
    """Bytes of an object file, by where a program has them.

    Parameters
    ----------
    text : int
        Code.
    rodata : int
        Constants that are read from flash, and what else a program loads but never copies (unwind
        tables).
    data : int
        What is copied from flash to RAM at the start: initial values of variables; on an AVR, all
        constants that are not marked to stay in flash (``PROGMEM``).
    bss : int
        Variables that start at zero.
    """

    text: int
    rodata: int
    data: int
    bss: int


class _Section(NamedTuple):
    name: str
    kind: int
    flags: int
    offset: int
    size: int
    link: int
    info: int


class _Symbol(NamedTuple):
    name: str
    home: int  # number of its section; 0: in another file


class ObjectFile:
    """An object file in ELF format, of 32 or 64 bits.

    Parameters
    ----------
    data : bytes
        Its content.

    Raises
    ------
    ValueError
        If the file is of another format.
    """

    def __init__(self, data: bytes) -> None:
        if data[:4] != b"\x7fELF":
            raise ValueError(
                f"This is not an object file in ELF format: it begins with {data[:4]!r}."
            )
        self._data, self._is_wide, self._order = data, data[4] == 2, "<>"[data[5] - 1]

    @property
    def machine(self) -> int:
        """Number of the processor: 40 for Arm, 83 for AVR, 243 for RISC-V."""
        return self._read("H", 18)[0]

    def sizes(self, root: str | None = None) -> SectionSizes:
        """Measure code, constants and variables.

        Parameters
        ----------
        root : str, default=None
            Only what this function needs, directly or through others, where functions and tables
            have sections of their own. None: everything.

        Returns
        -------
        sizes : SectionSizes
            Bytes.
        """
        sizes = dict.fromkeys(SectionSizes._fields, 0)
        for i in self._needed(root):
            section = self._sections[i]
            if section.flags & (_ALLOCATED | _EXECUTABLE):
                sizes[self._place(section)] += section.size
        return SectionSizes(**sizes)

    def missing(self, root: str | None = None) -> list[str]:
        """List the symbols that are wanted from other files.

        Parameters
        ----------
        root : str, default=None
            As for `sizes`.

        Returns
        -------
        names : list of str
            Sorted names.
        """
        symbols = self._symbols
        if root is not None:
            symbols = [self._symbols[s] for i in self._needed(root) for s in self._references[i]]
        return sorted({symbol.name for symbol in symbols if symbol.home == 0} - {""})

    def _place(self, section: _Section) -> str:
        if section.flags & _EXECUTABLE:
            return "text"
        if section.kind == _NO_BITS:
            return "bss"
        if section.flags & _WRITABLE:
            return "data"
        if self.machine == _AVR and not section.name.startswith(".progmem"):
            return "data"
        return "rodata"

    def _needed(self, root: str | None) -> set[int]:
        """Numbers of the sections that a function reaches."""
        if root is None:
            return set(range(len(self._sections)))
        ahead = [symbol.home for symbol in self._symbols if symbol.name == root]
        needed: set[int] = set()
        while ahead:
            section = ahead.pop()
            if section not in needed and 0 < section < len(self._sections):
                needed.add(section)
                ahead += [self._symbols[s].home for s in self._references[section]]
        return needed

    @cached_property
    def _sections(self) -> list[_Section]:
        (table,) = self._read("Q" if self._is_wide else "I", 40 if self._is_wide else 32)
        size, count, names = self._read("HHH", 58 if self._is_wide else 46)
        layout = "IIQQQQII" if self._is_wide else "IIIIIIII"
        rows = [self._read(layout, table + i * size) for i in range(count)]
        return [
            _Section(self._text(rows[names][4] + name), kind, flags, *rest)
            for name, kind, flags, _, *rest in rows
        ]

    @cached_property
    def _symbols(self) -> list[_Symbol]:
        size, home = (24, 6) if self._is_wide else (16, 14)
        return [
            _Symbol(
                self._text(self._sections[table.link].offset + self._read("I", at)[0]),
                self._read("H", at + home)[0],
            )
            for table in self._sections
            if table.kind == _SYMBOLS
            for at in range(table.offset, table.offset + table.size, size)
        ]

    @cached_property
    def _references(self) -> dict[int, set[int]]:
        """Numbers of the symbols that each section refers to."""
        word, shift = ("Q", 32) if self._is_wide else ("I", 8)
        length = 8 if self._is_wide else 4
        found: dict[int, set[int]] = defaultdict(set)
        for table in self._sections:
            if table.kind in _RELOCATIONS:
                size = length * (3 if table.kind == _RELOCATIONS[0] else 2)
                for at in range(table.offset, table.offset + table.size, size):
                    found[table.info].add(self._read(word, at + length)[0] >> shift)
        return found

    def _read(self, layout: str, at: int) -> tuple:
        return struct.unpack_from(self._order + layout, self._data, at)

    def _text(self, start: int) -> str:
        return self._data[start : self._data.index(b"\0", start)].decode()
