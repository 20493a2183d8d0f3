"""Flash, RAM and instructions on a Cortex-M0: a compiler and an emulator."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from benchmarks.deploy._programs import entry, program, run
from scann_sklearn.export import measure_flash

ARM, EMULATOR = "arm-none-eabi-gcc", "qemu-arm"
CORTEX_M0 = ("-mcpu=cortex-m0", "-mthumb", "-Os")
# Without an operating system: what starts main, and ends the emulator with its status; what a
# compiler may call; and functions of emlearn's activations that are not in use.
_START = """
__asm__(".thumb\\n.global _start\\n.thumb_func\\n_start: bl main\\n mov r7, #1\\n svc 0\\n");
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
float tanhf(float x) { __builtin_trap(); return x; }
"""
# The interface of qemu's plugins, version 1, as far as it is needed.
_COUNTER = """
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
struct tb;
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t, void (*)(uint64_t, struct tb *));
size_t qemu_plugin_tb_n_insns(const struct tb *);
void qemu_plugin_register_vcpu_tb_exec_inline(struct tb *, int, void *, uint64_t);
void qemu_plugin_register_atexit_cb(uint64_t, void (*)(uint64_t, void *), void *);
int qemu_plugin_version = 1;
static uint64_t count;
static void block(uint64_t id, struct tb *tb)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(tb, 0, &count, qemu_plugin_tb_n_insns(tb));
}
static void end(uint64_t id, void *data)
{
    (void)id, (void)data;
    fprintf(stderr, "%llu instructions\\n", (unsigned long long)count);
}
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info, (void)argc, (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, block);
    qemu_plugin_register_atexit_cb(id, end, 0);
    return 0;
}
"""


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
    flags = (*CORTEX_M0, *code.flags, *code.freestanding)
    size = measure_flash(code, compiler=ARM, flags=flags)
    with tempfile.TemporaryDirectory() as folder:
        source, binary = Path(folder, "entry.c"), Path(folder, "entry.elf")
        compiled = source.with_suffix(".o")
        source.write_text(entry(code))
        run(ARM, "-std=c99", *flags, "-c", source, "-o", compiled)
        free = [f"-Wl,--defsym={n}=0" for n in size.library_calls if not n.startswith("__")]
        link = ("-nostdlib", "-Wl,-e,entry,--gc-sections", *free, compiled)
        run(ARM, *CORTEX_M0, *link, "-lgcc", "-o", binary)
        alone, linked = (sum(_sections(file)[:2]) for file in (compiled, binary))
    return {
        "flash": size.total,
        "code": size.text,
        "constants": size.rodata,
        "library_calls": list(size.library_calls),
        "emulation": linked - alone if size.library_calls else 0,
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


def instructions(code, rows, folder):
    """Mean number of Arm instructions of an inference, emulated floating point included.

    Parameters
    ----------
    code : Code
        Compiled for Cortex-M0 with -Os.
    rows : ndarray of shape (n_samples, n_features)
        Raw samples to take the mean of.
    folder : path-like
        Where the plugin of the emulator is made.

    Returns
    -------
    mean : float
        Instructions, those of the calling loop (about ten) included.
    """
    plugin = _plugin(Path(folder))
    counts = []
    with tempfile.TemporaryDirectory() as place:
        start, source = Path(place, "start.c"), Path(place, "main.c")
        start.write_text(_START)
        run(ARM, *CORTEX_M0, "-fno-builtin", "-c", start, "-o", start.with_suffix(".o"))
        source.write_text(program(code, rows))
        flags = (*CORTEX_M0, *code.flags, *code.freestanding)
        for n in (0, len(rows)):
            binary, compiled = Path(place, f"main{n}.elf"), Path(place, f"main{n}.o")
            run(ARM, "-std=c99", *flags, f"-DCOUNT={n}", "-c", source, "-o", compiled)
            run(
                *(ARM, *CORTEX_M0[:2], "-nostartfiles", "-nodefaultlibs"),
                *(compiled, start.with_suffix(".o"), "-lgcc", "-o", binary),
            )
            text = run(EMULATOR, "-plugin", plugin, binary)
            counts.append(int(re.search(r"(\d+) instructions", text)[1]))
    return (counts[1] - counts[0]) / len(rows)


def missing():
    """Why nothing can be measured here: a dict of what can't and the reason."""
    reasons = {}
    if shutil.which(ARM) is None:
        reasons["flash, RAM"] = f"{ARM} is not on this machine"
    for needed in (ARM, EMULATOR):
        if shutil.which(needed) is None:
            reasons["Arm instructions"] = f"{needed} is not on this machine"
    if "Arm instructions" not in reasons:
        with tempfile.TemporaryDirectory() as folder:
            source, binary = Path(folder, "a.c"), Path(folder, "a.elf")
            source.write_text(_START + "int main(void) { return 0; }")
            flags = (*CORTEX_M0, "-fno-builtin", "-nostartfiles", "-nodefaultlibs")
            run(ARM, *flags, source, "-o", binary)
            try:
                run(EMULATOR, "-plugin", _plugin(Path(folder)), binary)
            except RuntimeError as error:  # another interface of plugins, or built without them
                reasons["Arm instructions"] = str(error).splitlines()[0]
    return reasons


def _sections(file):
    """Bytes of code with constants, of initial values, and of variables that start at zero."""
    text = run(ARM.replace("gcc", "size"), file)
    return tuple(map(int, text.splitlines()[1].split()[:3]))


def _plugin(folder):
    library = folder / "counter.so"
    if not library.exists():
        library.with_suffix(".c").write_text(_COUNTER)
        run("gcc", "-shared", "-fPIC", "-O2", library.with_suffix(".c"), "-o", library)
    return library
