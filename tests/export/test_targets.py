"""Code for small processors gives in an emulator what the report says, and costs what it should."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from copy import deepcopy

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from benchmarks.deploy._emulator import Program
from benchmarks.deploy._targets import TARGETS, batch, linked
from scann_sklearn.export import measure_flash, to_c
from scann_sklearn.export._cross_compiler import ZIG_FOR_ARM
from tests._optional import need
from tests.classifier._helpers import short
from tests.export._maps import FRONTS, random_maps
from tests.export._preparations import PREPARATIONS

DTYPES = ["float32", "int16", "int8"]
ROOTS = ("entry", "classes")
N_ROWS = 300


def _run(target, source, folder, **options):
    """A program in the emulator."""
    return Program(linked(TARGETS[target], source, folder, **options), TARGETS[target].processor)


def _program(model, X, folder, target, dtype):
    """Report of an export, its program in the emulator, and the address of rows there."""
    report = to_c(model, folder / "net.h", dtype=dtype, calibration=X)
    program = _run(target, batch(report), folder, roots=ROOTS)
    return report, program, program.place(report.quantize(X[:N_ROWS]))


def _labels(report, program, rows, n):
    result = program.place(np.full(n, -1, np.int32))
    program.call("classes", rows, result, n)
    return report.code.program.classes[program.read(result, n, np.int32)]


@pytest.mark.parametrize("target", ["cortex-m0", "riscv32"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_classes_are_those_of_the_report(case, tmp_path, dtype, target):
    report, program, rows = _program(case.model, case.X, tmp_path, target, dtype)
    X = case.X[:N_ROWS]
    np.testing.assert_array_equal(_labels(report, program, rows, len(X)), report.predict(X))


@pytest.mark.parametrize("target", ["cortex-m0", "riscv32"])
def test_missing_values_and_categories(table, tmp_path, target):
    """Where floating point is emulated, NaN is too."""
    X, y = table
    model = make_pipeline(PREPARATIONS["filled in categories"], short()).fit(X, y)
    report, program, rows = _program(model, X, tmp_path, target, "float32")
    np.testing.assert_array_equal(_labels(report, program, rows, len(X)), report.predict(X))


@pytest.mark.parametrize("target", ["cortex-m0, gcc", "cortex-m4, gcc"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_classes_with_the_compiler_of_most_users(digits_case, tmp_path, dtype, target):
    need(TARGETS[target].compiler[0])
    X = digits_case.X[:N_ROWS]
    report, program, rows = _program(digits_case.model, digits_case.X, tmp_path, target, dtype)
    np.testing.assert_array_equal(_labels(report, program, rows, len(X)), report.predict(X))


@pytest.mark.parametrize("dtype", DTYPES)
def test_other_weights_give_other_classes(iris_case, tmp_path, dtype):
    """So that the tests above can fail."""
    model = deepcopy(iris_case.model)
    model.weights_ = -model.weights_
    report, program, rows = _program(model, iris_case.X, tmp_path, "cortex-m0", dtype)
    labels = _labels(report, program, rows, len(iris_case.X))
    assert np.mean(labels == iris_case.model.predict(iris_case.X)) < 0.8


@pytest.mark.parametrize("dtype", DTYPES)
def test_only_connected_features_are_read(digits_case, tmp_path, dtype):
    _, program, row = _program(digits_case.model, digits_case.X, tmp_path, "riscv32", dtype)
    size = np.dtype(dtype).itemsize
    read = {(address - row) // size for address in program.reads("entry", row)}
    assert read == set(digits_case.model.get_support(indices=True)) != set(range(64))


@pytest.mark.parametrize("target", ["cortex-m0", "riscv32"])
def test_instructions_and_stack_follow_the_model(digits_case, tmp_path, target):
    model, X = digits_case.model, digits_case.X
    costs = {}
    for dtype in DTYPES:
        _, program, row = _program(model, X, tmp_path, target, dtype)
        n, _ = program.instructions("entry", row)
        assert (n, program.stack("entry", row)) == (
            program.instructions("entry", row)[0],
            program.stack("entry", row),
        )  # no noise
        costs[dtype] = n, program.stack("entry", row)
    n_values = len(model.get_support(indices=True)) + model.n_hidden_
    for dtype in ("int8", "int16"):
        assert 5 * model.n_connections_ < costs[dtype][0]
        assert costs[dtype][0] < costs["float32"][0] / 3  # emulated there
    for dtype, size in (("int8", 2), ("int16", 2), ("float32", 4)):
        assert size * n_values <= costs[dtype][1] <= size * n_values + 300


def test_a_floating_point_unit_is_used(digits_case, tmp_path):
    """On a Cortex-M4 with one float32 takes about as long as integers."""
    _, program, row = _program(digits_case.model, digits_case.X, tmp_path, "cortex-m4", "float32")
    n, best = program.instructions("entry", row)
    assert best == digits_case.model.predict(digits_case.X[:1])
    assert n < 30 * digits_case.model.n_connections_


def test_instructions_are_counted_exactly(tmp_path):
    """Of a loop with a body that is known: twice the rounds, twice the count."""
    source = (
        "int entry(const int *x);\n"
        "int entry(const int *x) { volatile int seen = 0; int i;\n"
        "for (i = 0; i < *x; ++i) seen = i; return seen; }\n"
    )
    program = _run("cortex-m0", source, tmp_path)
    counts = []
    for n in (10, 20, 30):
        count, last = program.instructions("entry", program.place(np.array([n], np.int32)))
        counts.append(count)
        assert last == n - 1
    assert counts[2] - counts[1] == counts[1] - counts[0]
    assert (counts[1] - counts[0]) % 10 == 0
    assert 30 <= counts[1] - counts[0] <= 60


def test_what_is_not_there_is_an_error(tmp_path):
    source = "int entry(const int *x);\nint entry(const int *x) { return *x; }\n"
    program = _run("riscv32", source, tmp_path)
    assert program.call("entry", program.place(np.array([-7], np.int32))) == -7
    with pytest.raises(RuntimeError, match="entry failed in the emulator"):
        program.call("entry", 0x70000000)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_report_knows_the_stack(digits_case, tmp_path, dtype):
    """Of the smaller processor, painted: values, registers, and for floats their emulation."""
    model, X = digits_case.model, digits_case.X
    report, program, row = _program(model, X, tmp_path, "cortex-m0", dtype)
    assert abs(report.ram.values + report.ram.frame - program.stack("entry", row)) <= 12


# ---------------------------------------------------------------------------------------- maps


@pytest.mark.parametrize("front", ["two", "means", "a mean first", "areas"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_maps_give_the_classes_of_the_report(tmp_path, dtype, front):
    model, X = random_maps(FRONTS[front])
    report, program, rows = _program(model, X, tmp_path, "cortex-m0", dtype)
    np.testing.assert_array_equal(_labels(report, program, rows, len(X)), report.predict(X))


@pytest.mark.parametrize("front", ["plain", "two", "strides", "means", "areas", "areas of means"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_report_knows_the_size_of_maps(tmp_path, dtype, front):
    """Stack and flash."""
    model, X = random_maps(FRONTS[front])
    report, program, row = _program(model, X, tmp_path, "cortex-m0", dtype)
    assert abs(report.ram.values + report.ram.frame - program.stack("entry", row)) <= 12
    # by the compiler that the report knows maps from, which also made the program above
    size = measure_flash(report, compiler=ZIG_FOR_ARM).total
    assert abs(report.flash_bytes - size) <= 60
    if dtype != "float32":
        assert 0.6 * report.instructions < program.instructions("entry", row)[0]
        assert program.instructions("entry", row)[0] <= report.instructions


@pytest.mark.parametrize("dtype", ["int16", "int8"])
def test_no_sample_takes_more_instructions(case, tmp_path, dtype):
    report, program, _ = _program(case.model, case.X, tmp_path, "cortex-m0", dtype)
    limits = np.iinfo(dtype)
    noise = np.random.default_rng(0).integers(limits.min, limits.max, (3, case.X.shape[1]), dtype)
    for q in (*report.quantize(case.X[:3]), *noise):
        n, _ = program.instructions("entry", program.place(q))
        assert 0.7 * report.instructions < n <= report.instructions
