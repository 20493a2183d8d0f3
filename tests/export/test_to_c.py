"""The C code compiles everywhere and computes what its NumPy reference computes, bit by bit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline

from scann_sklearn import DimReducer
from scann_sklearn.export import SparseModel, to_c
from scann_sklearn.export._c_source import SelfTest, c_source
from scann_sklearn.export._c_tables import Column, literal, string_literal, tabulate
from scann_sklearn.export._quantize import quantize_program
from scann_sklearn.export._single import SinglePrecision
from scann_sklearn.model._program import Program
from tests._optional import need
from tests.classifier._helpers import short
from tests.export._classes import assert_same_classes
from tests.export._compilers import COMPILERS, LANGUAGES, STRICT, as_library, call, run
from tests.export._programs import random_program

DTYPES = ["float32", "int16", "int8"]
C = LANGUAGES["zig"]


def _command(language):
    if not language.startswith("zig"):
        need(language)
    return LANGUAGES[language]


def _export(case, folder, dtype, **parameters):
    return to_c(case.model, folder / "net.h", dtype=dtype, calibration=case.X, **parameters)


# ------------------------------------------------------------------------- the same numbers


@pytest.mark.parametrize("compiler", COMPILERS)
def test_float_code_is_its_reference(case, tmp_path, compiler):
    report = _export(case, tmp_path, "float32")
    library, rows = as_library(report, tmp_path, compiler), report.quantize(case.X)
    n_outputs, n_classes = _sizes(case.model)
    code = report.code
    outputs = call(library.outputs, rows, (len(rows), n_outputs), np.float32, n_outputs)
    np.testing.assert_array_equal(outputs, code.outputs(rows))
    shape = (len(rows), n_classes)
    probabilities = call(library.predict_proba, rows, shape, np.float32)
    np.testing.assert_array_equal(probabilities, code.probabilities(rows))
    np.testing.assert_allclose(probabilities, case.model.predict_proba(case.X), atol=1e-5)
    best = call(library.predict, rows, len(rows), np.int32)
    classes = np.unique(case.y)
    assert_same_classes(classes[best], case.model, case.X)
    assert_same_classes(report.predict(case.X), case.model, case.X)


def _sizes(model):
    classifier = model[-1] if hasattr(model, "steps") else model
    return classifier.n_outputs_, len(classifier.classes_)


@pytest.mark.parametrize("dtype", ["int16", "int8"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_integer_code_is_its_reference(case, tmp_path, compiler, dtype):
    report = _export(case, tmp_path, dtype)
    library, rows = as_library(report, tmp_path, compiler), report.quantize(case.X)
    raw = np.asarray(case.X, np.float32)
    np.testing.assert_array_equal(call(library.quantize, raw, rows.shape, rows.dtype), rows)
    rng = np.random.default_rng(0)
    limits = np.iinfo(dtype)
    noise = rng.integers(limits.min, limits.max, (500, rows.shape[1]), dtype, endpoint=True)
    for Q in (rows, noise, np.full_like(rows[:1], limits.min), np.full_like(rows[:1], limits.max)):
        best = call(library.predict, Q, len(Q), np.int32)
        np.testing.assert_array_equal(best, report.code.program.head.decide(report.code.outputs(Q)))
    agree = np.mean(report.predict(case.X) == case.model.predict(case.X))
    assert agree >= (0.995 if dtype == "int16" else 0.97)


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
def test_random_networks(tmp_path, dtype, seed):
    """Of any shape: without inputs, without hidden neurons, with rows that nothing comes into."""
    rng = np.random.default_rng(seed)
    program = random_program(rng)
    X = rng.normal(size=(40, program.n_features)) * 3
    code = (
        SinglePrecision(program)
        if dtype == "float32"
        else quantize_program(program, X, int(dtype[3:]))
    )
    rows = code.quantize(X)
    is_float = dtype == "float32"
    test = SelfTest(rows, code.outputs(rows), code.tolerance(rows) if is_float else 0)
    header = tmp_path / "net.h"
    header.write_text(c_source(code, "net", "test", test).text)
    command = (*C, *STRICT, "-DNET_SELF_TEST", header)
    run(*command, "-o", tmp_path / "net")
    run(tmp_path / "net")


@pytest.mark.parametrize("dtype", DTYPES)
def test_more_connections_than_a_byte_counts(tmp_path, dtype):
    """Rows are then no structs without gaps: each column is a table of its own."""
    rng = np.random.default_rng(0)
    n = 300
    program = Program(
        n_features=n,
        n_linear=0,
        n_outputs=1,
        inputs=np.arange(n, dtype=np.int32),
        indptr=np.array([0, n, n + 1], np.int32),
        sources=np.append(np.arange(n), n).astype(np.int32),
        weights=rng.normal(size=n + 1),
        biases=np.array([0.5, -0.5]),
        classes=np.arange(2),
    )
    X = rng.normal(size=(20, n))
    is_float = dtype == "float32"
    code = SinglePrecision(program) if is_float else quantize_program(program, X, int(dtype[3:]))
    rows = code.quantize(X)
    test = SelfTest(rows, code.outputs(rows), code.tolerance(rows) if is_float else 0)
    header = tmp_path / "net.h"
    header.write_text(c_source(code, "net", "test", test).text)
    run(*C, *STRICT, "-DNET_SELF_TEST", header, "-o", tmp_path / "net")
    run(tmp_path / "net")


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_model_from_a_file_gives_the_same_code(case, tmp_path, dtype):
    path = tmp_path / "net.npz"
    SparseModel.from_estimator(case.model).save(path)
    expected = _export(case, tmp_path, dtype).path.read_text()
    model = SparseModel.load(path)
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=case.X)
    assert report.path.read_text() == expected


def test_a_self_test_beyond_single_precision_is_refused(iris_case, tmp_path):
    """Its numbers could not be written in C."""
    with pytest.raises(ValueError, match="self_test has samples whose outputs.* beyond float32"):
        to_c(iris_case.model, tmp_path / "net.h", self_test=np.full((1, 4), 3e38))
    assert list(tmp_path.iterdir()) == []


def test_sums_beyond_single_precision_are_infinite_as_in_c():
    program = random_program(np.random.default_rng(3))
    program = replace(program, weights=1e36 * program.weights)
    found = SinglePrecision(program).outputs(np.full((2, program.n_features), 1e5, np.float32))
    assert not np.isfinite(found).all()


def test_inputs_that_are_not_calibrated_saturate_in_c(iris_case, tmp_path):
    report = _export(iris_case, tmp_path, "int8")
    library = as_library(report, tmp_path)
    X = np.array([[np.nan] * 4, [np.inf] * 4, [-np.inf] * 4, [1e30] * 4], np.float32)
    Q = call(library.quantize, X, X.shape, np.int8)
    np.testing.assert_array_equal(Q[:, 0], [-128, 127, -128, 127])


# -------------------------------------------------------------------------------- compiling


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_compiles_alone_twice_and_unused(case, tmp_path, language, dtype):
    command = _command(language)
    _export(case, tmp_path, dtype, self_test=case.X[:5])
    (tmp_path / "unused.c").write_text('#include "net.h"\n#include "net.h"\nint nothing;\n')
    for source, level, macro in (
        ("net.h", "-O2", "NET_IMPLEMENTATION"),
        ("net.h", "-O2", "NET_STATIC"),
        ("unused.c", "-O0", "NET_STATIC"),
        ("unused.c", "-O0", "NOTHING"),
    ):
        options = (*STRICT, level, f"-D{macro}")
        run(*command, *options, "-c", tmp_path / source, "-o", tmp_path / "out.o")


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_models_in_one_program(iris_case, digits_case, tmp_path, language):
    command = _command(language)
    X = digits_case.X
    to_c(iris_case.model, tmp_path / "flowers.h")
    to_c(digits_case.model, tmp_path / "d.h", name="digits2", dtype="int8", calibration=X)
    (tmp_path / "both.c").write_text(
        "#define FLOWERS_IMPLEMENTATION\n#define DIGITS2_STATIC\n"
        '#include "flowers.h"\n#include "d.h"\n'
        "int main(void) { float x[FLOWERS_N_FEATURES] = {0}; int8_t q[DIGITS2_N_FEATURES] = {0};\n"
        "return flowers_predict(x) < 0 || digits2_predict(q) < 0; }\n"
    )
    run(*command, *STRICT, tmp_path / "both.c", "-o", tmp_path / "both")
    run(tmp_path / "both")


@pytest.mark.parametrize("dtype", DTYPES)
def test_self_test_under_sanitizers_and_valgrind(case, tmp_path, dtype):
    need("gcc")
    _export(case, tmp_path, dtype, self_test=case.X)
    command = ("gcc", "-x", "c", "-std=c99", "-g", "-DNET_SELF_TEST", tmp_path / "net.h", "-o")
    run(*command, tmp_path / "plain")
    run(tmp_path / "plain")
    checks = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    run(*command, tmp_path / "checked", *checks)
    run(tmp_path / "checked")
    need("valgrind")
    run("valgrind", "-q", "--error-exitcode=9", "--leak-check=full", tmp_path / "plain")


def test_labels(tmp_path):
    X, y = load_iris(return_X_y=True)
    names = np.array(['a "quoted"', "größer", "what??/"])
    to_c(short().fit(X, names[y]), tmp_path / "names.h")
    to_c(short().fit(X, y - 7), tmp_path / "ints.h")
    to_c(short().fit(X, y + 0.0), tmp_path / "floats.h")
    (tmp_path / "main.c").write_text(
        "#define NAMES_STATIC\n#define INTS_STATIC\n#define FLOATS_STATIC\n"
        '#include <stdio.h>\n#include "names.h"\n#include "ints.h"\n#include "floats.h"\n'
        "int main(void) {\nfor (int k = 0; k < NAMES_N_CLASSES; ++k)\n"
        'printf("%s|%d|%s\\n", names_label(k), (int)ints_label(k), floats_label(k));\nreturn 0; }\n'
    )
    run(*C, "-trigraphs", *STRICT, tmp_path / "main.c", "-o", tmp_path / "main")
    lines = [f"{name}|{k - 7}|{k}.0" for k, name in enumerate(names)]
    assert run(tmp_path / "main").splitlines() == lines


def test_long_labels_with_spaces(tmp_path):
    X, y = load_iris(return_X_y=True)
    names = np.array([f"{k}  " + "walks  up and down, " * 8 for k in "abc"])
    to_c(short().fit(X, names[y]), tmp_path / "net.h")
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#define NET_STATIC\n#include "net.h"\n'
        'int main(void) { for (int k = 0; k < 3; ++k) printf("%s\\n", net_label(k)); return 0; }\n'
    )
    run(*C, *STRICT, tmp_path / "main.c", "-o", tmp_path / "main")
    assert run(tmp_path / "main").splitlines() == names.tolist()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_that_reads_nothing(tmp_path, language, dtype):
    """Behind the reduction of constant features there is no connection left."""
    command = _command(language)
    X, y = np.ones((150, 4)), load_iris().target
    model = make_pipeline(DimReducer("pca", n_components=2), short()).fit(X, y)
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X, self_test=X)
    assert report.n_inputs == 0
    run(*command, *STRICT, "-DNET_SELF_TEST", report.path, "-o", tmp_path / "net")
    run(tmp_path / "net")


def test_only_connected_features_are_read(digits_case, tmp_path):
    """Memory that is not connected may be anything: here it has no value at all."""
    need("gcc", "valgrind")
    report = _export(digits_case, tmp_path, "float32")
    unread = np.setdiff1d(np.arange(64), digits_case.model.get_support(indices=True))
    assert len(unread)
    assert report.n_inputs == 64 - len(unread)
    reads = "".join(f"x[{i}] = 1;" for i in digits_case.model.get_support(indices=True))
    (tmp_path / "main.c").write_text(
        '#include <stdlib.h>\n#define NET_IMPLEMENTATION\n#include "net.h"\n'
        "int main(void) { float *x = malloc(64 * sizeof *x); int k; "
        f"{reads} k = net_predict(x); free(x); return k > 100 ? 1 : 0; }}\n"
    )
    run("gcc", "-std=c99", "-O0", tmp_path / "main.c", "-o", tmp_path / "main")
    run("valgrind", "-q", "--error-exitcode=9", tmp_path / "main")


# -------------------------------------------------------------------------------- the call


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dtype": "int4"}, "dtype must be one of float32, int16, int8, got 'int4'"),
        ({"dtype": "int8"}, "needs calibration data"),
        ({"dtype": "int8", "calibration": [[1, 2, 3]]}, r"calibration of shape \(1, 3\)"),
        ({"dtype": "int8", "calibration": [[1, 2, 3, np.nan]]}, "calibration holds nan in row 0"),
        ({"name": "1st"}, "name='1st' is no prefix"),
        ({"name": 3}, "name=3 is no prefix"),
        ({"name": "a b"}, "name='a b' is no prefix"),
        ({"name": "_net"}, "name='_net' is no prefix"),
        ({"name": "my__net"}, "name='my__net' is no prefix for names in C.*two underscores"),
        ({"name": "net_"}, "name='net_' is no prefix.*net__predict"),
        ({"name": "while"}, "name='while' is a word of C"),
        ({"name": "template"}, "name='template' is a word of C"),
        ({"name": "main"}, "name='main' is a word of C"),
        ({"flash_limit": 0}, "flash_limit must be a number of bytes.*got 0"),
        ({"ram_limit": True}, "ram_limit must be a number of bytes.*got True"),
        ({"self_test": [[1, 2, 3, np.inf]]}, "self_test holds inf in row 0, feature 3"),
        ({"self_test": np.zeros((0, 4))}, "self_test of shape .* at least one sample"),
        ({"self_test": [[1, 2, 1e39, 3]]}, "self_test holds 1e.39 in row 0, feature 2"),
        ({"self_test": [["a", "b", "c", "d"]]}, "self_test is not a table of numbers"),
    ],
)
def test_bad_parameters(iris_case, tmp_path, parameters, message):
    with pytest.raises(ValueError, match=message):
        to_c(iris_case.model, tmp_path / "net.h", **parameters)
    assert not (tmp_path / "net.h").exists()


def test_the_name_comes_from_the_file(iris_case, tmp_path):
    assert "int flowers_predict" in to_c(iris_case.model, tmp_path / "flowers.h").path.read_text()
    with pytest.raises(ValueError, match="name='my-net' is no prefix"):
        to_c(iris_case.model, str(tmp_path / "my-net.h"))


def test_an_embedding_is_refused(tmp_path):
    X, y = load_iris(return_X_y=True)
    reducer = DimReducer("isomap", n_components=2, n_landmarks=20, random_state=0)
    model = make_pipeline(reducer, short()).fit(X, y)
    with pytest.raises(ValueError, match="not an affine map"):
        to_c(model, tmp_path / "net.h")


def test_weights_beyond_single_precision_are_an_error(tmp_path):
    X, y = load_iris(return_X_y=True)
    model = short().fit(X * 1e-60, y)
    with pytest.raises(ValueError, match="doesn't fit into float32"):
        to_c(model, tmp_path / "net.h")


def test_too_many_connections_of_one_neuron_for_fixed_point():
    rng = np.random.default_rng(0)
    program = random_program(rng, n_outputs=1)
    n = 20_000
    wide = type(program)(
        n_features=n,
        n_linear=0,
        n_outputs=1,
        inputs=np.arange(n, dtype=np.int32),
        indptr=np.array([0, n], np.int32),
        sources=np.arange(n, dtype=np.int32),
        weights=np.ones(n),
        biases=np.zeros(1),
        classes=np.array([0, 1]),
    )
    with pytest.raises(ValueError, match="20000 connections: too many for fixed point"):
        quantize_program(wide, np.ones((2, n)), 8)


def test_exports_are_repeatable(iris_case, tmp_path):
    first, second = (_export(iris_case, tmp_path, "int8").path.read_text() for _ in range(2))
    assert first == second


def test_report_predict_checks_its_samples(iris_case, tmp_path):
    report = _export(iris_case, tmp_path, "int8")
    with pytest.raises(ValueError, match=r"X of shape \(150, 3\)"):
        report.predict(iris_case.X[:, :3])


# ---------------------------------------------------------------------------------- tables


def test_float_literals_are_exact():
    rng = np.random.default_rng(0)
    values = (rng.normal(size=2000) * 10.0 ** rng.integers(-30, 30, 2000)).astype(np.float32)
    assert all(np.float32(literal(value)[:-1]) == value for value in values)
    assert literal(np.float32(1)) == "1.0f"
    assert literal(np.float32(2**60)) == "1.1529215e+18f"


def test_string_literals():
    assert string_literal('a"b\\c?') == '"a\\042b\\134c\\077"'


def test_columns_share_a_table_where_that_wastes_nothing():
    tight = tabulate("N", "pair", [Column("a", "int16_t", [1]), Column("b", "int16_t", [2])])
    assert tight.access == {"a": "N_READ(int16_t, pair->a)", "b": "N_READ(int16_t, pair->b)"}
    loose = tabulate("N", "pair", [Column("a", "int16_t", [1]), Column("b", "uint8_t", [2])])
    assert loose.access == {"a": "N_READ(int16_t, *a)", "b": "N_READ(uint8_t, *b)"}
    assert (tight.advance, loose.advance) == ("++pair", "++a, ++b")
    assert (tight.n_bytes, loose.n_bytes) == (4, 3)
    assert "[1] N_FLASH = {\n        0\n" in tabulate("N", "", [Column("a", "float", [])]).source
