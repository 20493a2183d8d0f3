"""The header in a program: who defines what, constants, names, flash on an AVR, the self-test."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import re

import numpy as np
import pytest

from benchmarks.deploy._emulator import Program
from benchmarks.deploy._targets import TARGETS, linked
from scann_sklearn import __version__
from scann_sklearn.export import to_c
from scann_sklearn.export._cross_compiler import ZIG
from scann_sklearn.export._elf import ObjectFile
from tests.classifier._helpers import short
from tests.export._compilers import STRICT, run

DTYPES = ["float32", "int16", "int8"]
C, CPP = ("-std=c99", "-x", "c"), ("-std=c++11", "-x", "c++")


def _export(case, folder, dtype="int8", **parameters):
    return to_c(case.model, folder / "net.h", dtype=dtype, calibration=case.X, **parameters)


@pytest.mark.parametrize("language", [C, CPP])
@pytest.mark.parametrize("dtype", DTYPES)
def test_two_files_share_one_definition(iris_case, tmp_path, language, dtype):
    """Addresses of a function are the same in both, and a third language can link to it."""
    report = _export(iris_case, tmp_path, dtype, self_test=iris_case.X)
    take = f"typedef int (*function)(const {report.ctype} *);\n"
    (tmp_path / "a.c").write_text(
        f'#define NET_IMPLEMENTATION\n#include "net.h"\n{take}function a(void);\n'
        "function a(void) { return net_predict; }\n"
    )
    (tmp_path / "b.c").write_text(
        f'#include "net.h"\n{take}function a(void);\n'
        "int main(void) { return a() != net_predict || net_self_test() + NET_FEATURES[0] != 0; }\n"
    )
    run(*ZIG, *language, *STRICT, tmp_path / "a.c", tmp_path / "b.c", "-o", tmp_path / "both")
    run(tmp_path / "both")
    run(*ZIG, *C, "-c", tmp_path / "a.c", "-o", tmp_path / "a.o")
    (tmp_path / "c.c").write_text(
        'extern "C" int net_self_test(void);\nint main() { return net_self_test(); }\n'
    )
    run(*ZIG, *CPP, "-c", tmp_path / "c.c", "-o", tmp_path / "c.o")
    run(*ZIG, tmp_path / "a.o", tmp_path / "c.o", "-o", tmp_path / "linked")
    run(tmp_path / "linked")


@pytest.mark.parametrize("dtype", DTYPES)
def test_macros_of_others_break_nothing(digits_case, tmp_path, dtype):
    """All upper-case names of the header begin with its prefix, but those of stdint.h."""
    text = _export(digits_case, tmp_path, dtype, self_test=digits_case.X[:3]).path.read_text()
    code = re.sub(r'/\*.*?\*/|"[^"]*"', "", text, flags=re.DOTALL)
    names = set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", code))
    assert all(name.startswith("NET_") for name in names - {"INT32_MIN"})
    taken = ["INPUTS", "LINEAR", "HIDDEN", "ROWS", "VALUES", "FEATURES", "OUTPUTS", "READ", "API"]
    defines = "".join(f"#define {name} 4 +\n" for name in taken)
    (tmp_path / "main.c").write_text(
        f'{defines}#define NET_IMPLEMENTATION\n#include "net.h"\n'
        "int main(void) { return net_self_test(); }\n"
    )
    run(*ZIG, *C, *STRICT, tmp_path / "main.c", "-o", tmp_path / "main")
    run(tmp_path / "main")


def test_constants_say_what_the_model_is(iris_case, digits_case, tmp_path):
    # pixels from 0 to 16, those at the edges too
    pixels = np.vstack([digits_case.X, np.zeros(64), np.full(64, 16)])
    report = to_c(digits_case.model, tmp_path / "net.h", dtype="int8", calibration=pixels)
    inputs = digits_case.model.get_support(indices=True)
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#define NET_IMPLEMENTATION\n#include "net.h"\n'
        "int main(void) { int i; for (i = 0; i < NET_N_INPUTS; ++i)\n"
        'printf("%d ", (int)NET_FEATURES[i]);\n'
        'printf("\\n%s %s %d %d %d\\n%g %g %g\\n", NET_MODEL_HASH, NET_LIBRARY_VERSION,\n'
        "NET_N_FEATURES, NET_N_OUTPUTS, NET_N_CLASSES,\n"
        "(double)NET_SCALE_OFFSET, (double)NET_SCALE_STEP, (double)NET_SCALE_INVERSE);\n"
        "return 0; }\n"
    )
    run(*ZIG, *C, *STRICT, tmp_path / "main.c", "-o", tmp_path / "main")
    features, facts, scale = run(tmp_path / "main").splitlines()
    assert features.split() == [str(i) for i in inputs]
    assert facts.split() == [report.model_hash, __version__, "64", "10", "10"]
    assert scale == "0 0.25 4"
    hashes = {_export(c, tmp_path, d).model_hash for c in (iris_case, digits_case) for d in DTYPES}
    assert len(hashes) == 6
    assert all(re.fullmatch("[0-9a-f]{16}", digits) for digits in hashes)


def test_scales_of_single_features_are_lists(iris_case, tmp_path):
    report = _export(iris_case, tmp_path)
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#define NET_STATIC\n#include "net.h"\n'
        "static const float offset[] = NET_SCALE_OFFSETS, inverse[] = NET_SCALE_INVERSES;\n"
        "static const float step[] = NET_SCALE_STEPS;\n"
        "int main(void) { int i; for (i = 0; i < NET_N_INPUTS; ++i)\n"
        'printf("%.9g %.9g %.9g\\n", (double)offset[i], (double)step[i], (double)inverse[i]);\n'
        "return 0; }\n"
    )
    run(*ZIG, *C, *STRICT, tmp_path / "main.c", "-o", tmp_path / "main")
    found = np.array([line.split() for line in run(tmp_path / "main").splitlines()], np.float32)
    scale = report.code.scale
    np.testing.assert_array_equal(found.T, [scale.offset, scale.step, scale.inverse])


# ------------------------------------------------------------------------------------- AVR


@pytest.mark.parametrize("language", [C, CPP])
@pytest.mark.parametrize("dtype", DTYPES)
def test_no_table_is_in_the_ram_of_an_avr(iris_case, tmp_path, language, dtype):
    names = np.array(["setosa", "versicolor", "virginica"])  # text needs room too
    model = short().fit(iris_case.X, names[iris_case.y])
    case = iris_case._replace(model=model)
    report = _export(case, tmp_path, dtype, self_test=case.X[:5])
    target = ("-target", "avr-freestanding-none", "-mcpu=atmega328p")
    quiet = ("-fno-exceptions", "-Wno-avr-rtlib-linking-quirks")
    (tmp_path / "all.c").write_text('#define NET_IMPLEMENTATION\n#include "net.h"\n')
    options = (*language, *target, *STRICT, *quiet, "-Os")
    run(*ZIG, *options, "-c", tmp_path / "all.c", "-o", tmp_path / "all.o")
    sizes = ObjectFile((tmp_path / "all.o").read_bytes()).sizes()
    assert (sizes.data, sizes.bss) == (0, 0)
    assert sizes.rodata + sizes.text > report.flash_bytes  # all of them are there
    (tmp_path / "all.c").write_text("extern const int a[3];\nconst int a[3] = {1, 2, 3};\n")
    run(*ZIG, *options, "-c", tmp_path / "all.c", "-o", tmp_path / "all.o")
    assert ObjectFile((tmp_path / "all.o").read_bytes()).sizes().data == 6


@pytest.mark.parametrize("dtype", DTYPES)
def test_tables_are_plain_arrays_elsewhere(iris_case, tmp_path, dtype):
    """The macros cost nothing: the code is that of a header without them, byte by byte."""
    report = _export(iris_case, tmp_path, dtype)
    text = report.path.read_text()
    plain = re.sub(r"NET_READ\(\w+, ((?:[^()]|\[[^]]*\])*?)\)", r"\1", text)
    plain = plain.replace("] NET_FLASH", "]")
    assert plain.count("NET_READ(") < text.count("NET_READ(")
    (tmp_path / "plain.h").write_text(plain)
    options = (*C, "-target", "thumb-freestanding-eabi", "-mcpu=cortex_m0", "-Os", "-c")
    sizes = []
    for name in ("net.h", "plain.h"):
        run(*ZIG, *options, "-DNET_IMPLEMENTATION", tmp_path / name, "-o", tmp_path / "out.o")
        sizes.append(ObjectFile((tmp_path / "out.o").read_bytes()).sizes())
    assert sizes[0] == sizes[1]


# ------------------------------------------------------------------------------- self-test


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_self_test_counts_mismatches(digits_case, tmp_path, dtype):
    report = _export(digits_case, tmp_path, dtype, self_test=digits_case.X[:300])
    command = (*ZIG, *C, *STRICT, "-O2", "-DNET_SELF_TEST", report.path, "-o", tmp_path / "net")
    run(*command)
    run(tmp_path / "net")
    text = report.path.read_text()
    head, tail = re.split(r"(?<= expected\[3000\] NET_FLASH = {\n)", text)
    numbers = re.split(r"(, ?\n? *)", tail.split("}", 1)[0])
    outputs = numbers[::2]

    def broken(*which):
        """With other outputs, off by a little: the class stays the same."""
        changed = list(outputs)
        for i in which:
            changed[i] = (
                f"{float(changed[i].rstrip('f')) * 1.01 + 0.01:.9g}f"
                if dtype == "float32"
                else str(int(changed[i]) + 1)
            )
        return f"{head}{', '.join(changed)}}}{tail.split('}', 1)[1]}"

    for which, status in (((0,), 1), ((5, 7, 31), 2), (range(0, 3000, 10), 255)):
        report.path.write_text(broken(*which))
        run(*command)
        run(tmp_path / "net", status=status)


def test_the_self_test_needs_no_main(iris_case, tmp_path):
    report = _export(iris_case, tmp_path, self_test=iris_case.X)
    (tmp_path / "main.c").write_text(
        '#define NET_STATIC\n#include "net.h"\nint main(void) { return net_self_test(); }\n'
    )
    run(*ZIG, *C, *STRICT, tmp_path / "main.c", "-o", tmp_path / "main")
    run(tmp_path / "main")
    assert "net_self_test" not in _export(iris_case, tmp_path).path.read_text()
    assert report.path.exists()


@pytest.mark.parametrize("target", ["cortex-m0", "cortex-m4", "riscv32"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_self_test_passes_on_the_target(digits_case, tmp_path, dtype, target):
    """With fused operations (Cortex-M4) and without; the tolerance is far below what decides."""
    X = digits_case.X[:100]
    report = _export(digits_case, tmp_path, dtype, self_test=X)
    source = f'#define NET_IMPLEMENTATION\n#include "{report.path}"\n'
    elf = linked(TARGETS[target], source, tmp_path, roots=("net_self_test",))
    program = Program(elf, TARGETS[target].processor)
    assert program.call("net_self_test") == 0
    if dtype == "float32":
        tolerance = report.code.tolerance(report.quantize(X))
        assert tolerance < 1e-3 * np.abs(report.scores(X)).max()
