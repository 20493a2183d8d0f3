"""Flash, RAM and instructions on a Cortex-M0: a compiler and an emulator."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks.deploy._emulator import Program
from benchmarks.deploy._programs import entry, program, run
from benchmarks.deploy._targets import ARM, TARGETS, linked
from scann_sklearn.export import measure_flash
from scann_sklearn.export._elf import ObjectFile

CORTEX_M0 = ("-mcpu=cortex-m0", "-mthumb", "-Os")
# Without a C library: what gcc may call, and functions of emlearn's activations that nobody calls.
_SUPPORT = """
typedef __SIZE_TYPE__ size_t;
void *memset(void *to, int c, size_t n)
{
    unsigned char *p = to;
    while (n--) *p++ = (unsigned char)c;
    return to;
}
void *memcpy(void *to, const void *from, size_t n)
{
    unsigned char *p = to;
    const unsigned char *q = from;
    while (n--) *p++ = *q++;
    return to;
}
void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *p = to;
    const unsigned char *q = from;
    if (p <= q) return memcpy(to, from, n);
    while (n--) p[n] = q[n];
    return to;
}
float expf(float x) { __builtin_trap(); return x; }
float logf(float x) { __builtin_trap(); return x; }
"""
_TANHF = "float tanhf(float x) { __builtin_trap(); return x; }\n"  # the one that Zig lacks too


def target():
    """Arm's gcc where it is installed, as most users compile, else Zig."""
    return TARGETS["cortex-m0, gcc" if shutil.which(ARM) else "cortex-m0"]


def flash(code):
    """Bytes of code and constants, by `measure_flash`, and what the library comes to on top.

    Parameters
    ----------
    code : Code
        Compiled for Cortex-M0 with -Os.

    Returns
    -------
    sizes : dict
        `flash` is `code` + `constants`; `library_calls` are functions that it wants from others,
        and `emulation` the bytes of those in the compiler's own library, which emulate floating
        point. Functions of the C library (``expf``, ``memcpy``) are taken to cost nothing.
    """
    here, flags = target(), (*CORTEX_M0[-1:], *code.flags, *code.freestanding)
    size = measure_flash(code, compiler=here.compiler, flags=flags)
    free = (n for n in size.library_calls if not n.startswith("__"))
    # not by the linker's --defsym, which Zig's has not
    symbols = "".join(f'__asm__(".globl {n}\\n.set {n}, 0");\n' for n in free)
    with tempfile.TemporaryDirectory() as folder:
        binary = linked(here, entry(code) + symbols, folder, *flags)
    sizes = ObjectFile(binary).sizes()
    emulation = sizes.text + sizes.rodata + sizes.data - size.total
    return {
        "flash": size.total,
        "code": size.text,
        "constants": size.rodata + size.data,
        "library_calls": list(size.library_calls),
        "emulation": emulation if size.library_calls else 0,
    }


def ram(code):
    """Bytes of RAM: variables, and the stack frames of all functions that were not inlined."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "entry.c")
        source.write_text(entry(code))
        flags = (*CORTEX_M0, *code.flags, *code.freestanding, "-fstack-usage")
        compiled = source.with_suffix(".o")
        run(ARM, "-std=c99", *flags, "-c", source, "-o", compiled)
        frames = [line.split("\t") for line in compiled.with_suffix(".su").read_text().splitlines()]
        dynamic = [frame[0] for frame in frames if frame[2] != "static"]
        if dynamic:
            raise ValueError(f"Stack frames of unknown size: {dynamic}.")
        _, data, bss = _sections(compiled)
    stack = sum(int(frame[1]) for frame in frames)
    return {"ram": data + bss + stack, "stack": stack}


def instructions(code, rows):
    """Mean number of Arm instructions of an inference, emulated floating point included.

    Parameters
    ----------
    code : Code
        Compiled for Cortex-M0 with -Os.
    rows : ndarray of shape (n_samples, n_features)
        Raw samples to take the mean of.

    Returns
    -------
    mean : float
        Instructions, those of the calling loop (about ten) included.
    """
    here, counts = target(), []
    with tempfile.TemporaryDirectory() as folder:
        support = _support(here, folder)
        for n in (0, len(rows)):
            flags = (*code.flags, *code.freestanding, f"-DCOUNT={n}", support)
            binary = linked(here, program(code, rows), folder, *flags, roots=("main",))
            counts.append(Program(binary, here.processor).instructions("main")[0])
    return (counts[1] - counts[0]) / len(rows)


def missing():
    """What can't be measured here, and the reason."""
    return {} if shutil.which(ARM) else {"RAM": f"{ARM} is not on this machine"}


def _support(target, folder):
    source = Path(folder, "support.c")
    source.write_text(_TANHF if not target.libraries else _SUPPORT + _TANHF)
    run(*target.compiler, "-Os", "-fno-builtin", "-c", source, "-o", source.with_suffix(".o"))
    return source.with_suffix(".o")


def _sections(file):
    """Bytes of code with constants, of initial values, and of variables that start at zero."""
    text = run(ARM.replace("gcc", "size"), file)
    return tuple(map(int, text.splitlines()[1].split()[:3]))
