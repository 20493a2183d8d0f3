"""Classes, instructions and seconds on this machine."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import ctypes
import re
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.deploy._programs import program, run
from scann_sklearn.export._flash import included

HOST = ("gcc", "-std=c99", "-O2")


class Library:
    """Compiled code that predicts arrays.

    Parameters
    ----------
    code : Code
        The header.
    folder : path-like
        Where the library is made.
    """

    def __init__(self, code, folder):
        source = Path(folder, f"{code.name}_library.c")
        source.write_text(
            f"{included(code)}\n"
            f"__attribute__((externally_visible)) void classes(const {code.ctype} *, int *, int);\n"
            f"void classes(const {code.ctype} *x, int *y, int n)\n{{\n    int i;\n"
            f"    for (i = 0; i < n; ++i)\n"
            f"        y[i] = {code.name}_predict(x + i * WIDTH);\n}}\n"
        )
        self._source, self._code, self._functions = source, code, {}

    def __call__(self, X):
        """Indices of the classes of raw samples."""
        rows = self._code.rows(X)
        return self._run(rows, np.empty(len(rows), np.int32))

    def seconds(self, X, at_least=0.0003):
        """A function that returns the seconds of an inference, as the mean of many.

        It is shorter than the time slices that a busy machine gives: most calls are not
        interrupted, and the median of many is that of such calls.
        """
        rows = self._code.rows(X)
        classes = np.empty(len(rows), np.int32)
        self._run(rows, classes)
        start = time.perf_counter()
        self._run(rows, classes)
        repeats = int(np.ceil(at_least / (time.perf_counter() - start)))

        def measure():
            start = time.perf_counter()
            for _ in range(repeats):
                self._run(rows, classes)
            return (time.perf_counter() - start) / (repeats * len(rows))

        return measure

    def _run(self, rows, classes):
        function = self._function(rows.shape[1])
        function(rows.ctypes, classes.ctypes, len(rows))
        return classes

    def _function(self, width):
        if width not in self._functions:
            binary = self._source.with_suffix(".so")
            flags = (*self._code.flags, f"-DWIDTH={width}", "-shared", "-fPIC")
            run(*HOST, *flags, self._source, "-o", binary, "-lm")
            self._functions[width] = ctypes.CDLL(str(binary)).classes
        return self._functions[width]


def instructions(code, rows):
    """Mean number of instructions of an inference under callgrind, the calling loop included."""
    counts = []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "main.c")
        source.write_text(program(code, rows))
        for n in (0, len(rows)):
            binary = Path(folder, f"main{n}")
            run(*HOST, *code.flags, f"-DCOUNT={n}", source, "-o", binary, "-lm")
            valgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
            text = run(*valgrind, binary)
            counts.append(int(re.search(r"Collected : (\d+)", text)[1]))
    return (counts[1] - counts[0]) / len(rows)


def runtime_seconds(model, X, path):
    """Functions that time ONNX Runtime on one thread: row by row, and all rows at once."""
    import onnxruntime

    from scann_sklearn.export import to_onnx

    to_onnx(model, path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    X = np.ascontiguousarray(X, dtype=np.float32)
    rows = [X[i : i + 1] for i in range(100)]

    def single():
        start = time.perf_counter()
        for row in rows:
            session.run(["label"], {"X": row})
        return (time.perf_counter() - start) / len(rows)

    def batch():
        start = time.perf_counter()
        session.run(["label"], {"X": X})
        return (time.perf_counter() - start) / len(X)

    labels = session.run(["label"], {"X": X})[0]
    return single, batch, labels


def medians(functions, rounds):
    """Median and least of several timings that alternate, round by round.

    Parameters
    ----------
    functions : dict of callable
        Return seconds.
    rounds : int
        How often each is called, after one round that isn't counted.

    Returns
    -------
    seconds : dict
        Median, least, and median ratio to the first function, by the same keys.
    """
    for function in functions.values():
        function()
    times = np.array([[function() for function in functions.values()] for _ in range(rounds)])
    ratios = times / times[:, :1]
    return {
        key: {
            "seconds": float(np.median(times[:, i])),
            "least_seconds": float(times[:, i].min()),
            "times_first": float(np.median(ratios[:, i])),
        }
        for i, key in enumerate(functions)
    }
