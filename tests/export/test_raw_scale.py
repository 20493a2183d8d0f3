"""Whole readings become integers without floating point, and scores come out of them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import re
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from scann_sklearn.export import to_c
from scann_sklearn.export._cross_compiler import ZIG
from scann_sklearn.export._fixed_point import InputScale
from scann_sklearn.export._input_scale import input_scale
from scann_sklearn.export._raw_scale import RawScale
from tests.export._compilers import LANGUAGES, STRICT, TRAPS, run

ALL = np.arange(-(2**15), 2**15)


def _scale(bits, offset, step):
    offset, step = (np.array([v], np.float32) for v in (offset, step))
    return InputScale(bits, offset, step, 1 / step)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("offset", [0, -100, -20_000, 30_000, 98_303])
@pytest.mark.parametrize("exponent", range(-14, 10, 3))
def test_whole_numbers_become_the_same_integers(bits, offset, exponent):
    """Every reading that there is, where the step is a power of two and the offset whole."""
    scale = _scale(bits, offset, 2.0**exponent)
    np.testing.assert_array_equal(
        RawScale.of(scale).quantize(ALL[:, None]), scale.quantize(ALL[:, None])
    )


def test_calibration_with_whole_numbers_keeps_them():
    scale = input_scale(np.array([[0.0], [1023.0]]), 16)
    assert (scale.offset, scale.step) == (0, 2**-5)
    np.testing.assert_array_equal(
        RawScale.of(scale).quantize(ALL[:, None]), scale.quantize(ALL[:, None])
    )


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([8, 16]),
    st.floats(-98303, 98303, width=32),
    st.floats(-20, 14).map(lambda e: 2.0**e),
)
def test_others_are_at_most_one_off(bits, offset, step):
    scale = _scale(bits, offset, step)
    raw = RawScale.of(scale)
    # All that is computed with fits into 32 bits.
    d = np.clip(ALL - raw.offset, -raw.reach, raw.reach)
    high, low = d * raw.high - raw.fraction, d * raw.low
    for value in (d * raw.high, high, low, high + (low >> 13)):
        assert np.abs(value).max() + 2 ** (raw.shift - 1) < 2**31
    found = raw.quantize(ALL[:, None]).astype(int)
    wanted = scale.quantize(ALL[:, None]).astype(int)
    assert np.abs(found - wanted).max() <= 1
    assert np.mean(found != wanted) < (0.001 if bits == 8 else 0.05)
    assert found.min() >= -(2 ** (bits - 1))
    assert (np.diff(found[:, 0]) >= 0).all()


def test_far_offsets_have_no_such_function(iris_case, tmp_path):
    assert RawScale.of(_scale(8, 1e5, 1.0)) is None
    X = iris_case.X + 1e6
    report = to_c(iris_case.model, tmp_path / "net.h", dtype="int8", calibration=X)
    assert "quantize_i16" not in report.path.read_text()
    with pytest.raises(ValueError, match="no net_quantize_i16: it has offsets beyond 16 bits"):
        report.quantize_i16(np.zeros((1, 4)))
    report = to_c(iris_case.model, tmp_path / "net.h")
    with pytest.raises(ValueError, match="no net_quantize_i16: it is float32"):
        report.quantize_i16(np.zeros((1, 4)))


@pytest.mark.parametrize("value", [0.5, 32768, -32769])
def test_other_readings_are_refused(iris_case, tmp_path, value):
    report = to_c(iris_case.model, tmp_path / "net.h", dtype="int8", calibration=iris_case.X)
    with pytest.raises(ValueError, match=rf"X holds {value}.* in row 0, feature 2"):
        report.quantize_i16([[0, 0, value, 0]])


_PROGRAM = """
#include <stdio.h>
#define NET_IMPLEMENTATION
#include "net.h"

int main(void)
{
    static int16_t x[NET_N_FEATURES];
    static CTYPE q[NET_N_FEATURES];
    int32_t y[NET_N_OUTPUTS];
    int i, value;
    for (;;) {
        for (i = 0; i < NET_N_FEATURES; ++i) {
            if (scanf("%d", &value) != 1)
                return 0;
            x[i] = (int16_t)value;
        }
        net_quantize_i16(x, q);
        net_scores(q, y);
        for (i = 0; i < NET_N_FEATURES; ++i)
            printf("%d ", (int)q[i]);
        for (i = 0; i < NET_N_OUTPUTS; ++i)
            printf("%ld ", (long)y[i]);
        printf("%d\\n", net_predict(q));
    }
}
"""


@pytest.mark.parametrize("dtype", ["int16", "int8"])
def test_c_follows_the_report(case, tmp_path, dtype):
    """Quantized readings and scores, bit by bit; the class is that of the scores."""
    report = to_c(case.model, tmp_path / "net.h", dtype=dtype, calibration=case.X)
    rng = np.random.default_rng(0)
    n_features = case.X.shape[1]
    spread = 2.0 ** rng.integers(0, 15, (300, 1))
    X = np.vstack([np.round(case.X[:200]), np.round(rng.normal(size=(300, n_features)) * spread)])
    X = np.clip(X, -(2**15), 2**15 - 1).astype(int)
    (tmp_path / "main.c").write_text(_PROGRAM.replace("CTYPE", report.ctype))
    options = (*LANGUAGES["zig"], "-O2", *STRICT, *TRAPS)
    run(*options, tmp_path / "main.c", "-o", tmp_path / "main")
    text = "\n".join(" ".join(map(str, row)) for row in X)
    program = tmp_path / "main"
    done = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
    table = np.array([line.split() for line in done.stdout.splitlines()], int)
    q, y, best = table[:, :n_features], table[:, n_features:-1], table[:, -1]
    Q = report.quantize_i16(X)
    np.testing.assert_array_equal(q, Q)
    np.testing.assert_array_equal(y, report.code.outputs(Q))
    decided = (y[:, 0] > 0) if y.shape[1] == 1 else y.argmax(axis=1)
    np.testing.assert_array_equal(best, decided)
    outputs = report.code.outputs(report.quantize(case.X))
    np.testing.assert_array_equal(report.scores(case.X), outputs)


@pytest.mark.parametrize("dtype", ["int16", "int8"])
def test_differences_of_readings_have_room_where_int_has_16_bits(iris_case, tmp_path, dtype):
    """Else the least reading less an offset would be a large one: in the code for an AVR."""
    to_c(iris_case.model, tmp_path / "net.h", dtype=dtype, calibration=10 * iris_case.X + 2000)
    (tmp_path / "all.c").write_text('#define NET_IMPLEMENTATION\n#include "net.h"\n')
    target = ("-target", "avr-freestanding-none", "-mcpu=atmega328p", "-S", "-emit-llvm", "-O1")
    run(*ZIG, *target, "-fno-sanitize=all", tmp_path / "all.c", "-o", tmp_path / "all.ll")
    (function,) = re.findall(
        r"define [^\n]* @net_quantize_i16\(.*?^}", (tmp_path / "all.ll").read_text(), re.S | re.M
    )
    assert re.search(r" (sub|add) .*i32 ", function)
    assert not re.search(r" (sub|add) nsw i16 (?!0,)", function)
