"""Compilers that the tests use: Zig's everywhere, a machine's own in addition.

Zig's comes with the package ziglang and compiles C and C++ for this machine and for small ones, so
no test is skipped for want of a compiler.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import ctypes
import subprocess

import numpy as np

from scann_sklearn.export._cross_compiler import ZIG
from scann_sklearn.export._flash import included
from tests._optional import need

STRICT = ("-Wall", "-Wextra", "-Werror", "-pedantic")
ZIG_HOST = (*ZIG, "-mcpu=baseline")  # any processor of the kind, as valgrind knows it
TRAPS = ("-fsanitize=undefined", "-fsanitize-trap=undefined")

COMPILERS = {"zig": ZIG_HOST, "gcc": ("gcc",), "clang": ("clang",)}
_C, _CPP = ("-std=c99", "-x", "c"), ("-std=c++11", "-x", "c++")
LANGUAGES = {
    "zig": (*ZIG_HOST, *_C),
    "zig++": (*ZIG_HOST, *_CPP),  # `zig c++` links a library that nothing here needs
    "gcc": ("gcc", *_C),
    "clang": ("clang", *_C),
    "g++": ("g++", *_CPP),
    "clang++": ("clang++", *_CPP),
}


def command_of(name):
    """Command of a compiler of `COMPILERS` or `LANGUAGES`; skips where it isn't installed."""
    if not name.startswith("zig"):
        need(name)
    return LANGUAGES[name] if "++" in name else COMPILERS[name]


def run(*command, status=0):
    """Run a command that has to end with this status; what it printed."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == status, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def as_library(report, folder, compiler="zig"):
    """Functions of an exported header, for arrays: a dict of callables."""
    ctype, name, is_float = report.ctype, report.name, report.dtype == "float32"
    loops = f"""
{included(report)}
void predict(const {ctype} *x, int *y, int n) {{
    for (int i = 0; i < n; ++i) y[i] = {name}_predict(x + i * {name.upper()}_N_FEATURES);
}}
"""
    loops += (
        f"""
void outputs(const float *x, float *y, int n, int m) {{
    for (int i = 0; i < n; ++i) {name}_outputs(x + i * {name.upper()}_N_FEATURES, y + i * m);
}}
void predict_proba(const float *x, float *y, int n) {{
    for (int i = 0; i < n; ++i)
        {name}_predict_proba(x + i * {name.upper()}_N_FEATURES, y + i * {name.upper()}_N_CLASSES);
}}
"""
        if is_float
        else f"""
void quantize(const float *x, {ctype} *q, int n) {{
    for (int i = 0; i < n; ++i)
        {name}_quantize(x + i * {name.upper()}_N_FEATURES, q + i * {name.upper()}_N_FEATURES);
}}
"""
    )
    if report.exits:
        loops += f"""
void answers(const {ctype} *x, int *y, int n) {{
    for (int i = 0; i < n; ++i)
        y[2 * i] = {name}_predict_with_exit(x + i * {name.upper()}_N_FEATURES, y + 2 * i + 1);
}}
"""
    source, library = folder / f"{name}_{report.dtype}.c", folder / f"{name}_{report.dtype}.so"
    source.write_text(loops)
    # clang would join products and additions where the processor can.
    flags = ("-std=c99", "-O1", "-ffp-contract=off", *STRICT, "-shared", "-fPIC")
    run(*command_of(compiler), *flags, source, "-o", library)
    return ctypes.CDLL(str(library))


def call(function, X, shape, dtype, *arguments):
    """What a function of the library makes of rows."""
    X = np.ascontiguousarray(X)
    result = np.zeros(shape, dtype)
    function(X.ctypes, result.ctypes, len(X), *arguments)
    return result
