"""Programs around a header, and commands that must not fail."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import subprocess
from importlib.metadata import version

from scann_sklearn.export._flash import included


def run(*command):
    """Run a command; what it printed.

    Raises
    ------
    RuntimeError
        If its status is not 0.
    """
    command = [str(part) for part in command]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}\n{command}")
    return done.stdout + done.stderr


def entry(code, attributes=""):
    """Source of one function that predicts, the one that `measure_flash` compiles."""
    return (
        f"{included(code)}\n"
        f"{attributes}int entry(const {code.ctype} *x);\n"
        f"int entry(const {code.ctype} *x) {{ return {code.name}_predict(x); }}\n"
    )


def literals(table):
    """Numbers of an array in C."""
    if table.dtype.kind == "f":
        return ",".join(float(v).hex() + "f" for v in table.ravel())
    return ",".join(map(str, table.ravel().tolist()))


def version_of(compiler):
    """What a compiler says of its version."""
    if "ziglang" in compiler:
        return f"ziglang {version('ziglang')}"
    return run(compiler[0], "--version").splitlines()[0]


def program(code, rows):
    """Source of a ``main`` that predicts the first COUNT of these rows.

    Parameters
    ----------
    code : Code
        What is called.
    rows : ndarray of shape (n_samples, n_features)
        Raw samples; they become a table of the program.

    Returns
    -------
    source : str
        C99.
    """
    table = code.rows(rows)
    return (
        f"{entry(code, '__attribute__((noinline, noclone)) ')}"
        f"static const {code.ctype} rows[] = {{{literals(table)}}};\n"
        "int main(void)\n{\n    volatile int count = COUNT, seen = 0;\n    int i, n = count;\n"
        "    for (i = 0; i < n; ++i)\n"
        f"        seen = entry(rows + i * {table.shape[1]});\n"
        "    return seen < 0;\n}\n"
    )
