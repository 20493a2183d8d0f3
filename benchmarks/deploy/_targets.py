"""Small processors, the compilers for them, and programs around a header."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.deploy._emulator import CORTEX_M0, CORTEX_M4, RISCV32, Processor
from benchmarks.deploy._programs import entry, run
from scann_sklearn.export._cross_compiler import ARM, ZIG

# As a build for a device has it: without what isn't called.
SMALL = ("-Os", "-ffunction-sections", "-fdata-sections")


@dataclass(frozen=True)
class Target:
    """A processor and a compiler for it.

    Parameters
    ----------
    title : str
        What tables call it.
    compiler : tuple of str
        Command that compiles for it.
    processor : Processor or None
        Its emulator; None: there is none.
    libraries : tuple of str, default=()
        What a program is linked with.
    """

    title: str
    compiler: tuple[str, ...]
    processor: Processor | None
    libraries: tuple[str, ...] = ()

    @property
    def missing(self):
        """The program that isn't on this machine, or None."""
        return None if shutil.which(self.compiler[0]) else self.compiler[0]


def _zig(title, processor, *machine):
    """Without tables to unwind the stack, which gcc doesn't write either."""
    return Target(title, (*ZIG, *machine, "-fno-unwind-tables"), processor)


def _gcc(title, processor, *machine):
    libraries = ("-nostartfiles", "-nodefaultlibs", "-lgcc")
    return Target(title, (ARM, "-mthumb", *machine), processor, libraries)


_FLOAT = ("-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard")
TARGETS = {
    "cortex-m0": _zig(
        *("Cortex-M0", CORTEX_M0, "-target", "thumb-freestanding-eabi", "-mcpu=cortex_m0")
    ),
    "cortex-m4": _zig(
        *("Cortex-M4F", CORTEX_M4, "-target", "thumb-freestanding-eabihf"),
        "-mcpu=cortex_m4+vfp4d16sp",
    ),
    "riscv32": _zig(
        *("RISC-V (rv32imc)", RISCV32, "-target", "riscv32-freestanding-none"),
        "-mcpu=generic_rv32+m+c",
    ),
    # What links for an AVR wants another option, but Zig can't link for it.
    "avr": _zig(
        *("AVR (ATmega328P)", None, "-target", "avr-freestanding-none", "-mcpu=atmega328p"),
        "-Wno-avr-rtlib-linking-quirks",
    ),
    "cortex-m0, gcc": _gcc("Cortex-M0, gcc", CORTEX_M0, "-mcpu=cortex-m0"),
    "cortex-m4, gcc": _gcc("Cortex-M4F, gcc", CORTEX_M4, *_FLOAT),
    "avr, gcc": Target("AVR (ATmega328P), gcc", ("avr-gcc", "-mmcu=atmega328p"), None),
}


def linked(target, source, folder, *flags, roots=("entry",)):
    """A program for a target, without an operating system.

    Parameters
    ----------
    target : Target
        What it is for.
    source : str
        C99.
    folder : path-like
        Where files are written.
    *flags : str
        Options more, and object files.
    roots : sequence of str, default=("entry",)
        Functions that will be called.

    Returns
    -------
    elf : bytes
        The program.
    """
    file = Path(folder, "program.c")
    binary = file.with_suffix(".elf")
    file.write_text(source)
    wanted = (f"-Wl,-e,{roots[0]},--gc-sections", *(f"-Wl,-u,{root}" for root in roots))
    # Without -g Zig leaves out the symbols.
    command = (*target.compiler, "-std=c99", "-g", *SMALL, *flags)
    run(*command, *wanted, file, *target.libraries, "-o", binary)
    return binary.read_bytes()


def batch(code):
    """Source of functions for rows: ``entry`` predicts one, ``classes`` many.

    Parameters
    ----------
    code : Code or CReport
        What is called.

    Returns
    -------
    source : str
        C99.
    """
    return entry(code, "__attribute__((noinline)) ") + (
        f"void classes(const {code.ctype} *x, int *y, int n);\n"
        f"void classes(const {code.ctype} *x, int *y, int n)\n{{\n"
        f"    int i;\n    for (i = 0; i < n; ++i)\n"
        f"        y[i] = entry(x + (long)i * {code.name.upper()}_N_FEATURES);\n}}\n"
    )
