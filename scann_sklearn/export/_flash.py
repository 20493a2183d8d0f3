"""The size of generated C code, measured with a compiler."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scann_sklearn.export._c_report import CReport
from scann_sklearn.export._elf import missing_symbols, section_sizes

CORTEX_M0 = ("-mcpu=cortex-m0", "-mthumb", "-Os")


@dataclass(frozen=True)
class FlashSize:
    """Bytes that compiled code takes up.

    Parameters
    ----------
    text : int
        Bytes of code.
    rodata : int
        Bytes of constants; some compilers put them into `text`.
    library_calls : tuple of str
        Functions of the compiler's library that are called, whose size is not included: the
        emulation of floating point, where the processor has none.
    """

    text: int
    rodata: int
    library_calls: tuple[str, ...]

    @property
    def total(self) -> int:
        """Bytes of code and constants."""
        return self.text + self.rodata


def measure_flash(
    report: CReport,
    *,
    compiler: str | Sequence[str] = "arm-none-eabi-gcc",
    flags: Sequence[str] = CORTEX_M0,
) -> FlashSize:
    """Compile the inference of an exported model and measure it.

    What is compiled is one function that calls ``predict``: without the conversion of inputs, the
    labels and the self-test.

    Parameters
    ----------
    report : CReport
        What :func:`to_c` returned; its header has to be where it was written.
    compiler : str or list of str, default="arm-none-eabi-gcc"
        A C compiler for a target with object files in ELF format, perhaps with arguments:
        ``["python", "-m", "ziglang", "cc"]``.
    flags : sequence of str, default=("-mcpu=cortex-m0", "-mthumb", "-Os")
        Its options.

    Returns
    -------
    size : FlashSize
        Bytes of code and constants.

    Raises
    ------
    FileNotFoundError
        If there is no such compiler.
    RuntimeError
        If the compiler reports an error.
    ValueError
        If the object file is of another format than ELF.
    """
    command = [compiler] if isinstance(compiler, str) else list(compiler)
    code = (
        f'#include "{Path(report.path).resolve().as_posix()}"\n'
        f"int entry(const {report.ctype} *x);\n"
        f"int entry(const {report.ctype} *x) {{ return {report.name}_predict(x); }}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        source, compiled = Path(folder, "entry.c"), Path(folder, "entry.o")
        source.write_text(code, encoding="utf-8")
        done = subprocess.run(
            [*command, "-std=c99", *flags, "-c", str(source), "-o", str(compiled)],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed with {flags}: {done.stderr.strip()}")
        data = compiled.read_bytes()
    return FlashSize(*section_sizes(data), tuple(missing_symbols(data)))
