"""Which compiler measures code for a device, and how it is called."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

ARM = "arm-none-eabi-gcc"
# Zig checks for undefined behaviour where nothing is optimized, which is no part of a program.
ZIG = (sys.executable, "-m", "ziglang", "cc", "-fno-sanitize=undefined")
# Arm's processors without a system, and without tables to unwind the stack, as gcc does it.
ZIG_FOR_ARM = (*ZIG, "-target", "thumb-freestanding-eabi", "-fno-unwind-tables")
_ZIG_CACHES = ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")


def command_of(compiler: str | Sequence[str] | None) -> list[str]:
    """Command of a compiler, by default one for Arm's small processors.

    Parameters
    ----------
    compiler : str, sequence of str or None
        None: ``arm-none-eabi-gcc`` where it is installed, else the one of the package ziglang.

    Returns
    -------
    command : list of str
        A program and its first arguments.

    Raises
    ------
    FileNotFoundError
        If `compiler` is None and there is none of the two.
    """
    if compiler is not None:
        return [compiler] if isinstance(compiler, str) else list(compiler)
    if shutil.which(ARM):
        return [ARM]
    if find_spec("ziglang"):
        return list(ZIG_FOR_ARM)
    raise FileNotFoundError(
        f"No compiler for a Cortex-M0 was found: neither {ARM} nor the Python package "
        "ziglang (pip install ziglang). Install one of them, or pass another "
        "compiler."
    )


def compile_object(
    command: Sequence[str], flags: Sequence[str], source: Path, *, standard: str = "-std=c99"
) -> bytes:
    """Compile a file of C beside itself; the object file's content.

    Raises
    ------
    FileNotFoundError
        If there is no such compiler.
    RuntimeError
        If the compiler reports an error.
    """
    compiled = source.with_suffix(".o")
    if is_zig(command):
        flags = [_as_zig_writes(flag) for flag in flags]
    done = subprocess.run(
        [*command, standard, *flags, "-c", str(source), "-o", str(compiled)],
        capture_output=True,
        text=True,
        # Nothing is worth keeping of one file, and the user's folder may be read-only.
        env=dict.fromkeys(_ZIG_CACHES, str(source.parent)) | os.environ,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed with {flags}: {done.stderr.strip()}")
    return compiled.read_bytes()


def is_zig(command: Sequence[str]) -> bool:
    """Whether a command is Zig's compiler, from the package or as a program."""
    return "ziglang" in command or Path(command[0]).stem == "zig"


def _as_zig_writes(flag: str) -> str:
    """Options of gcc in the words of Zig: its processors are written with an underscore."""
    return flag.replace("=cortex-", "=cortex_") if flag.startswith("-mcpu=") else flag
