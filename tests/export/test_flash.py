"""Flash and RAM as a compiler measures them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys
import warnings
from types import SimpleNamespace

import pytest

from scann_sklearn.export import FlashSize, _cross_compiler, measure_flash, to_c
from scann_sklearn.export._cross_compiler import ARM, ZIG, command_of
from scann_sklearn.export._elf import ObjectFile
from tests._optional import need

AVR = (*ZIG, "-target", "avr-freestanding-none", "-Wno-avr-rtlib-linking-quirks")
ATMEGA = ("-mcpu=atmega328p", "-Os")
RISCV = (*ZIG, "-target", "riscv32-freestanding-none", "-fno-unwind-tables")
DTYPES = ["float32", "int16", "int8"]


@pytest.fixture(params=[ARM, "ziglang"])
def compiler(request):
    """A compiler for a Cortex-M0, as `measure_flash` takes it."""
    if request.param == ARM:
        need(ARM)
        return ARM
    return _cross_compiler.ZIG_FOR_ARM


def _header(folder, body):
    """A header that was written by hand, as far as `measure_flash` looks at its report."""
    path = folder / "net.h"
    path.write_text(f"#include <stdint.h>\n{body}")
    return SimpleNamespace(path=path, name="net", ctype="int8_t", ram_bytes=100, kind="classes")


@pytest.mark.parametrize("level", ["-O0", "-Os"])
@pytest.mark.parametrize("dtype", ["int16", "int8"])
def test_integer_code_calls_nothing(case, tmp_path, dtype, level, compiler):
    report = to_c(case.model, tmp_path / "net.h", dtype=dtype, calibration=case.X)
    flags = ("-mcpu=cortex-m0", "-mthumb", level)
    assert measure_flash(report, compiler=compiler, flags=flags).library_calls == ()


def test_float_code_calls_its_emulation(iris_case, tmp_path, compiler):
    report = to_c(iris_case.model, tmp_path / "net.h")
    calls = measure_flash(report, compiler=compiler).library_calls
    assert {"__aeabi_fadd", "__aeabi_fmul"} <= set(calls)
    assert all(call.startswith("__aeabi_f") for call in calls)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_estimate_is_near_what_is_measured(case, tmp_path, dtype, compiler):
    report = to_c(case.model, tmp_path / "net.h", dtype=dtype, calibration=case.X)
    size = measure_flash(report, compiler=compiler)
    assert abs(report.flash_bytes - size.total) <= 60
    assert size.ram == 0


def test_the_default_compiler(iris_case, tmp_path, monkeypatch):
    """The one of Arm where it is installed, else Zig's, else an error that names both."""
    report = to_c(iris_case.model, tmp_path / "net.h")
    for present, expected in ((True, [ARM]), (False, list(_cross_compiler.ZIG_FOR_ARM))):
        found = "/usr/bin/gcc" if present else None
        monkeypatch.setattr(_cross_compiler.shutil, "which", lambda name, found=found: found)
        assert command_of(None) == expected
    assert 100 < measure_flash(report).total < 2000
    monkeypatch.setattr(_cross_compiler, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match=f"neither {ARM} nor .*ziglang"):
        measure_flash(report)


TABLES = """
static const int8_t table[50] = {1, 2, 3};
static const int8_t kept[30] __attribute__((__section__(".progmem.data"))) = {1, 2, 3};
static int16_t counts[20];
static int16_t start = 7;
static inline int net_predict(const int8_t *x)
{
    const volatile int8_t *flash = kept;
    counts[x[0]] += ++start;
    return table[x[1]] + flash[x[2]] + counts[x[3]];
}
"""


@pytest.mark.parametrize(
    ("command", "flags", "rodata", "data"),
    [
        (AVR, ATMEGA, 30, 50 + 2),  # constants are copied to RAM where nothing else is said
        (RISCV, ("-mcpu=generic_rv32+m", "-Os"), 80, 2),
        (_cross_compiler.ZIG_FOR_ARM, ("-mcpu=cortex-m0", "-Os"), 80, 2),
    ],
    ids=["avr", "riscv32", "cortex-m0"],
)
def test_what_is_copied_to_ram_counts_twice(tmp_path, command, flags, rodata, data):
    size = measure_flash(_header(tmp_path, TABLES), compiler=command, flags=flags)
    assert (size.rodata, size.data, size.bss) == (rodata, data, 40)
    assert size.total == size.text + rodata + data
    assert size.ram == data + 40


def test_avr_gcc_finds_the_same(tmp_path):
    need("avr-gcc")
    flags = ("-mmcu=atmega328p", "-Os")
    size = measure_flash(_header(tmp_path, TABLES), compiler="avr-gcc", flags=flags)
    assert (size.rodata, size.data, size.bss) == (30, 52, 40)


def test_what_predict_does_not_need_is_not_counted(tmp_path):
    one = "int net_predict(const int8_t *x);\nint net_predict(const int8_t *x) { return x[3]; }\n"
    other = """
extern float root(float);
float other(const int8_t *x);
const float table[99] = {1};
float other(const int8_t *x) { return root(table[x[0]]); }
"""
    alone = measure_flash(_header(tmp_path, one), compiler=RISCV, flags=("-Os",))
    both = measure_flash(_header(tmp_path, one + other), compiler=RISCV, flags=("-Os",))
    assert alone == both
    assert both.library_calls == ()


def test_limits_warn(tmp_path):
    report = _header(tmp_path, TABLES)
    size = measure_flash(report, compiler=AVR, flags=ATMEGA)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measure_flash(
            *(report,),
            compiler=AVR,
            flags=ATMEGA,
            flash_limit=size.total,
            ram_limit=size.ram + report.ram_bytes,
        )
    with pytest.warns(UserWarning, match=f"needs {size.total} bytes of flash, .*flash_limit=99"):
        measure_flash(report, compiler=AVR, flags=ATMEGA, flash_limit=99)
    with pytest.warns(UserWarning, match=f"needs {size.ram + 100} bytes of ram, .*ram_limit=191"):
        measure_flash(report, compiler=AVR, flags=ATMEGA, ram_limit=191)


def test_flash_for_this_machine_and_with_arguments(iris_case, tmp_path):
    if sys.platform != "linux":
        return  # object files of other systems are not ELF
    report = to_c(iris_case.model, tmp_path / "net.h")
    size = measure_flash(report, compiler=[*ZIG, "-Os"], flags=())
    assert isinstance(size, FlashSize)
    assert size.total == size.text + size.rodata > 200
    assert size.library_calls == ()


def test_no_compiler_and_compiler_errors(iris_case, tmp_path):
    report = to_c(iris_case.model, tmp_path / "net.h")
    with pytest.raises(FileNotFoundError, match="no-such-compiler"):
        measure_flash(report, compiler="no-such-compiler")
    with pytest.raises(RuntimeError, match="failed.*-no-such-option"):
        measure_flash(report, compiler=ZIG, flags=("-no-such-option",))


def test_other_formats_are_refused():
    with pytest.raises(ValueError, match="not an object file in ELF format"):
        ObjectFile(b"MZ" + bytes(100))


def test_an_object_file_is_read(tmp_path):
    source = tmp_path / "a.c"
    source.write_text(
        "int f(int); int g(void); extern int v; int w; int h(int x) { return f(x) + g(); }\n"
        "int k(void) { return v + ++w; }\n"
    )
    flags = ("-mcpu=cortex-m0", "-ffunction-sections", "-Os")
    arm = ObjectFile(_cross_compiler.compile_object(_cross_compiler.ZIG_FOR_ARM, flags, source))
    assert arm.machine == 40
    assert arm.missing() == ["f", "g", "v"]
    assert arm.missing("k") == ["v"]
    assert arm.sizes("h")[1:] == (0, 0, 0)
    assert arm.sizes("k").bss == arm.sizes().bss == 4
    assert arm.sizes("h").text + arm.sizes("k").text == arm.sizes().text
    flags = ("-mcpu=atmega328p",)
    assert ObjectFile(_cross_compiler.compile_object(AVR, flags, source)).machine == 83
