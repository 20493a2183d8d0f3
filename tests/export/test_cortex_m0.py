"""Code for the smallest Arm processor: its size, what it calls, and that it runs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys

import pytest

from scann_sklearn.export import FlashSize, measure_flash, to_c
from scann_sklearn.export._elf import missing_symbols, section_sizes
from tests.export._compilers import need, run

ARM = "arm-none-eabi-gcc"
M0 = ("-mcpu=cortex-m0", "-mthumb")

# Without an operating system: what starts main, and ends the emulator with its status.
START = """
__asm__(".thumb\\n.global _start\\n.thumb_func\\n_start: bl main\\n mov r7, #1\\n svc 0\\n");
#include "net.h"
"""


@pytest.mark.parametrize("dtype", ["float32", "int16", "int8"])
def test_runs_in_an_emulator(case, tmp_path, dtype):
    need(ARM, "qemu-arm")
    report = to_c(
        case.model, tmp_path / "net.h", dtype=dtype, calibration=case.X, self_test=case.X[:200]
    )
    (tmp_path / "main.c").write_text(START)
    options = ("-std=c99", "-Os", "-DNET_SELF_TEST", "-nostartfiles", "-nodefaultlibs")
    run(ARM, *M0, *options, tmp_path / "main.c", "-lgcc", "-o", tmp_path / "net.elf")
    run("qemu-arm", tmp_path / "net.elf")
    text = report.path.read_text()
    head, tail = text.split("expected[", 1)
    start = tail.index("{") + 1
    report.path.write_text(f"{head}expected[{tail[:start]} 99 + {tail[start:]}")
    run(ARM, *M0, *options, tmp_path / "main.c", "-lgcc", "-o", tmp_path / "net.elf")
    run("qemu-arm", tmp_path / "net.elf", status=1)  # the test can fail


@pytest.mark.parametrize("level", ["-O0", "-Os", "-O3"])
@pytest.mark.parametrize("dtype", ["int16", "int8"])
def test_integer_code_calls_nothing(case, tmp_path, dtype, level):
    need(ARM)
    report = to_c(case.model, tmp_path / "net.h", dtype=dtype, calibration=case.X)
    assert measure_flash(report, flags=(*M0, level)).library_calls == ()


def test_float_code_calls_its_emulation(iris_case, tmp_path):
    need(ARM)
    calls = measure_flash(to_c(iris_case.model, tmp_path / "net.h")).library_calls
    assert {"__aeabi_fadd", "__aeabi_fmul"} <= set(calls)
    assert all(call.startswith("__aeabi_f") for call in calls)


@pytest.mark.parametrize("dtype", ["float32", "int16", "int8"])
def test_the_estimate_is_near_what_is_measured(case, tmp_path, dtype):
    need(ARM)
    report = to_c(case.model, tmp_path / "net.h", dtype=dtype, calibration=case.X)
    assert abs(report.flash_bytes - measure_flash(report).total) <= 40


def test_flash_for_this_machine_and_with_arguments(iris_case, tmp_path):
    need("gcc", "size")
    report = to_c(iris_case.model, tmp_path / "net.h")
    size = measure_flash(report, compiler=["gcc", "-Os"], flags=())
    assert isinstance(size, FlashSize)
    assert size.total == size.text + size.rodata
    assert size.library_calls == ()
    (tmp_path / "entry.c").write_text(
        '#include "net.h"\nint entry(const float *x) { return net_predict(x); }\n'
    )
    run("gcc", "-std=c99", "-Os", "-c", tmp_path / "entry.c", "-o", tmp_path / "entry.o")
    text, data, bss, *_ = run("size", tmp_path / "entry.o").splitlines()[1].split()
    assert (size.total, data, bss) == (int(text), "0", "0")


def test_no_compiler_and_compiler_errors(iris_case, tmp_path):
    report = to_c(iris_case.model, tmp_path / "net.h")
    with pytest.raises(FileNotFoundError, match="no-such-compiler"):
        measure_flash(report, compiler="no-such-compiler")
    need("gcc")
    with pytest.raises(RuntimeError, match="gcc failed.*-no-such-option"):
        measure_flash(report, compiler="gcc", flags=("-no-such-option",))


@pytest.mark.parametrize("reader", [section_sizes, missing_symbols])
def test_other_formats_are_refused(reader):
    with pytest.raises(ValueError, match="no object file in ELF format"):
        reader(b"MZ" + bytes(100))


def test_missing_symbols_are_found(tmp_path):
    need("gcc")
    if sys.platform != "linux":
        pytest.skip("object files of this system are not ELF")
    (tmp_path / "a.c").write_text("int f(int); int g(void); int h(int x) { return f(x) + g(); }\n")
    run("gcc", "-c", tmp_path / "a.c", "-o", tmp_path / "a.o")
    found = missing_symbols((tmp_path / "a.o").read_bytes())
    assert [name for name in found if not name.startswith("_")] == ["f", "g"]
