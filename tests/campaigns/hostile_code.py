"""Generated C of random models: it compiles without a warning, and computes what it should.

Each model is compiled with gcc's sanitizers of addresses and undefined behaviour, or where there is
no gcc with traps by Zig's compiler. Its answers to random and extreme samples have to be those of
Python, and nothing may happen at samples that are no numbers.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scann_sklearn.export._c_source import SelfTest, c_source
from scann_sklearn.export._program_of import program_of
from scann_sklearn.export._quantize import quantize_program
from scann_sklearn.export._single import SinglePrecision, check_single
from scann_sklearn.model._program import Program
from tests.campaigns._campaign import Campaign
from tests.export._compilers import LANGUAGES, STRICT, TRAPS
from tests.export._maps import FRONTS, random_maps
from tests.export._programs import random_exits, random_program

_ADDRESSES = ("-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all")
_MAIN = """
#define NET_IMPLEMENTATION
#include "net.h"
#include <stdio.h>
int main(void) {{
    static {ctype} x[NET_N_FEATURES];
    static float raw[NET_N_FEATURES];
    FILE *file = fopen("rows", "rb");
    if (net_self_test()) return 1;
    while (fread(x, sizeof x, 1, file) == 1) {{ {predict} }}
    fclose(file);
    file = fopen("raw", "rb");
    while (fread(raw, sizeof raw, 1, file) == 1) {{ {quantize} {predict} }}
    fclose(file);
    return 0;
}}
"""
_PRINT = 'for (int k = 0; k < NET_N_OUTPUTS; ++k) {{ printf("{form} ", y[k]); }} printf("\\n");'
_PREDICT = {
    "classes": 'printf("%d\\n", net_predict(x));',
    "labels": "uint8_t y[NET_N_OUTPUTS]; net_predict(x, y);\n" + _PRINT.format(form="%d"),
    "values": "float y[NET_N_OUTPUTS]; net_predict(x, y);\n" + _PRINT.format(form="%.9g"),
}


@dataclass
class Case:
    """A program, the type of its numbers, and samples."""

    program: Program
    dtype: str
    X: np.ndarray
    words: str

    def __repr__(self):
        return f"{self.words}, {self.dtype}: {self.program!r}"


class Code(Campaign):
    """Headers of random programs, compiled and run."""

    name = "code"
    documented = (ValueError, NotImplementedError)
    share = 0.01
    memory = None  # sanitizers reserve terabytes
    permitted = ("subprocess.Popen", "os.posix_spawn", "os.exec", "ctypes.dlopen", "code.__new__")

    def case(self, rng):
        """A program with any head, samples of any scale."""
        kind = str(rng.choice(["plain", "labels", "values", "exits", "maps"]))
        if kind == "maps":
            front = str(rng.choice(list(FRONTS)))
            head = str(rng.choice(["classes", "labels", "values"]))
            model, X = random_maps(FRONTS[front], int(rng.integers(2**31)), kind=head)
            program, words = program_of(model), f"maps {front} {head}"
        elif kind == "exits":
            program, words = random_exits(rng), kind
            X = rng.normal(size=(40, program.n_features))
        else:
            program, words = random_program(rng), kind
            X = rng.normal(size=(40, program.n_features))
            if kind == "labels":
                program = replace(program, kind=kind, classes=np.arange(program.n_outputs))
            elif kind == "values":
                program = replace(program, kind=kind, classes=np.arange(0))
        if rng.random() < 0.5:
            X = X * 10.0 ** rng.integers(-6, 7)
        if rng.random() < 0.2:
            program = replace(program, weights=program.weights * 10.0 ** rng.integers(-12, 13))
        return Case(program, str(rng.choice(["float32", "int16", "int8"])), X, words)

    def run(self, case):
        """Write, compile, run, compare."""
        is_float = case.dtype == "float32"
        if is_float:
            check_single(case.program)
        code = SinglePrecision(case.program) if is_float else None
        code = code or quantize_program(case.program, case.X, int(case.dtype[3:]))
        rows = code.quantize(case.X)
        if not is_float:
            rows = np.vstack([rows, _extremes(rows)])
        outputs = code.outputs(rows)
        test = SelfTest(rows[:20], outputs[:20], code.tolerance(rows[:20]) if is_float else 0)
        Path("net.h").write_text(c_source(code, "net", "test", test).text)
        raw = _raw(case.X)
        Path("rows").write_bytes(np.ascontiguousarray(rows).tobytes())
        Path("raw").write_bytes(raw.tobytes())
        quantize = "net_quantize(raw, x);"
        if is_float:
            quantize = "for (int j = 0; j < NET_N_FEATURES; ++j) x[j] = raw[j];"
        ctype = {"float32": "float", "int16": "int16_t", "int8": "int8_t"}[case.dtype]
        main = _MAIN.format(ctype=ctype, predict=_PREDICT[case.program.kind], quantize=quantize)
        Path("net.c").write_text(main)
        lines = _compiled_and_run().splitlines()
        assert len(lines) == len(rows) + len(raw)
        found = np.array([line.split() for line in lines], np.float32)
        expected = np.asarray(code.predict(rows), np.float32).reshape(len(rows), -1)
        np.testing.assert_array_equal(found[: len(rows)], expected)
        if case.program.kind != "values":
            most = max(len(case.program.classes), 2)
            assert ((found >= 0) & (found < most)).all(), "there is no such class"


def _compiled_and_run():
    if shutil.which("gcc"):
        command = ("gcc", "-std=c99", "-O1", *_ADDRESSES)
    else:
        command = (*LANGUAGES["zig"], "-O1", *TRAPS)
    for words in ((*command, "-ffp-contract=off", *STRICT, "net.c", "-o", "net"), ("./net",)):
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, f"{words[0]}: {done.returncode}\n{done.stderr[:600]}"
    return done.stdout


def _extremes(rows):
    """Rows of the least and the largest integers."""
    limits = np.iinfo(rows.dtype)
    rng = np.random.default_rng(0)
    return rng.choice([limits.min, limits.max, 0, -1], (20, rows.shape[1])).astype(rows.dtype)


def _raw(X):
    """Readings as sensors can have them: far off, and no numbers."""
    values = [np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, -0.0, 1e10]
    rng = np.random.default_rng(1)
    return rng.choice(values, (12, X.shape[1])).astype(np.float32)


CAMPAIGN = Code
