"""Compilers and emulators that the tests use where they are installed."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import ctypes
import shutil
import subprocess

import numpy as np
import pytest

STRICT = ("-Wall", "-Wextra", "-Werror", "-pedantic")


def need(*programs):
    """Skip the test where a program is not on this machine."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on this machine")


def run(*command, status=0):
    """Run a command that has to end with this status; what it printed."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=120)
    assert done.returncode == status, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def as_library(report, folder, compiler="gcc"):
    """Functions of an exported header, for arrays: a dict of callables."""
    need(compiler)
    ctype, name, is_float = report.ctype, report.name, report.dtype == "float32"
    loops = f"""
#include "{report.path}"
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
    source, library = folder / f"{name}_{report.dtype}.c", folder / f"{name}_{report.dtype}.so"
    source.write_text(loops)
    run(compiler, "-std=c99", "-O1", *STRICT, "-shared", "-fPIC", source, "-o", library)
    return ctypes.CDLL(str(library))


def call(function, X, shape, dtype, *arguments):
    """What a function of the library makes of rows."""
    X = np.ascontiguousarray(X)
    result = np.zeros(shape, dtype)
    function(X.ctypes, result.ctypes, len(X), *arguments)
    return result
