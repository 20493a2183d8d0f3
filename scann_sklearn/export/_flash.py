"""The size of generated C code, measured with a compiler."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scann_sklearn.export._c_report import CReport
from scann_sklearn.export._cross_compiler import command_of, compile_object
from scann_sklearn.export._elf import ObjectFile
from scann_sklearn.export._limits import check_limits, warn_above

CORTEX_M0 = ("-mcpu=cortex-m0", "-mthumb", "-Os")
# So that what `predict` doesn't need isn't counted, as a linker leaves it out.
_SECTIONS = ("-ffunction-sections", "-fdata-sections")


@dataclass(frozen=True)
class FlashSize:
    """Size of compiled code in bytes.

    Parameters
    ----------
    text : int
        Bytes of code.
    rodata : int
        Bytes of constants. Some compilers count them in `text`.
    library_calls : tuple of str
        Functions of the compiler's library that are called, and whose size is not included, such as
        the emulation of floating point if the processor has none.
    data : int, default=0
        Bytes that are copied from flash to RAM when the program starts, so that they count in both:
        initial values of variables and, on an AVR, constants that are not in program memory.
    bss : int, default=0
        Bytes of variables that start at zero.
    """

    text: int
    rodata: int
    library_calls: tuple[str, ...]
    data: int = 0
    bss: int = 0

    @property
    def total(self) -> int:
        """Bytes of flash: code, constants and initial values."""
        return self.text + self.rodata + self.data

    @property
    def ram(self) -> int:
        """Bytes of RAM that are used permanently, without the stack of an inference."""
        return self.data + self.bss


def measure_flash(
    report: CReport,
    *,
    compiler: str | Sequence[str] | None = None,
    flags: Sequence[str] = CORTEX_M0,
    flash_limit: int | None = None,
    ram_limit: int | None = None,
) -> FlashSize:
    """Compile the inference of an exported model and measure its size.

    The compiled code is a single function that calls ``predict``. The conversion of inputs, the
    labels and the self-test are not included.

    Parameters
    ----------
    report : CReport
        Report that :func:`to_c` returned. Its header must still be where it was written.
    compiler : str or list of str, default=None
        A C compiler for a target with object files in ELF format, possibly with arguments, such as
        ``["python", "-m", "ziglang", "cc"]``. If None, ``arm-none-eabi-gcc`` if it is installed,
        otherwise the compiler of the Python package ziglang.
    flags : sequence of str, default=("-mcpu=cortex-m0", "-mthumb", "-Os")
        Options of the compiler.
    flash_limit : int, default=None
        Bytes of flash that are available for the model; a warning is issued if it needs more. If
        None, there is no limit.
    ram_limit : int, default=None
        Bytes of RAM that are available for the model: for what is copied there at the start, for
        variables, and for the ``ram_bytes`` of `report`. A warning is issued if it needs more. If
        None, there is no limit.

    Returns
    -------
    size : FlashSize
        Bytes of code, constants and permanently used RAM.

    Raises
    ------
    FileNotFoundError
        If the compiler is not found.
    RuntimeError
        If the compiler reports an error.
    ValueError
        If the object file is not in ELF format, or if a limit is not a positive integer.

    Warns
    -----
    UserWarning
        If the code needs more than a limit.
    """
    check_limits(flash_limit=flash_limit, ram_limit=ram_limit)
    command = command_of(compiler)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "entry.c")
        source.write_text(_entry(report), encoding="utf-8")
        compiled = ObjectFile(compile_object(command, (*_SECTIONS, *flags), source))
    sizes = compiled.sizes("entry")
    size = FlashSize(
        text=sizes.text,
        rodata=sizes.rodata,
        library_calls=tuple(compiled.missing("entry")),
        data=sizes.data,
        bss=sizes.bss,
    )
    needs = {"flash_limit": (size.total, flash_limit)}
    if ram_limit is not None:
        needs["ram_limit"] = (size.ram + report.ram_bytes, ram_limit)
    warn_above("The compiled model needs", **needs)
    return size


def included(report: CReport) -> str:
    """Lines of C that include an exported header, with functions that only this file has."""
    path = Path(report.path).resolve().as_posix()
    return f'#define {report.name.upper()}_STATIC\n#include "{path}"'


def _entry(report: CReport) -> str:
    written = {"labels": "uint8_t", "values": "float"}.get(report.kind)
    if written is None:  # a class, which is returned
        head, call = f"int entry(const {report.ctype} *x)", f"return {report.name}_predict(x);"
    else:
        head = f"void entry(const {report.ctype} *x, {written} *y)"
        call = f"{report.name}_predict(x, y);"
    return f"{included(report)}\n{head};\n{head} {{ {call} }}\n"
