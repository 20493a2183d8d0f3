"""Networks that predict values or several labels answer the same as C, ONNX and from files."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import ctypes
from typing import NamedTuple

import numpy as np
import onnxruntime
import pytest
import skops.io
from sklearn.datasets import make_friedman1, make_multilabel_classification
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import DimReducer
from scann_sklearn.export import SparseModel, measure_flash, skops_trusted_types, to_c, to_onnx
from scann_sklearn.export._flash import included
from tests.classifier._helpers import short
from tests.export._compilers import LANGUAGES, STRICT, command_of, run
from tests.regressor._helpers import short_regressor


class Case(NamedTuple):
    """A fitted model and samples."""

    model: object
    X: np.ndarray


def _friedman(columns=slice(None), dtype=float):
    X, y = make_friedman1(600, random_state=0)
    # a target far from zero, one of small numbers, one that is constant
    Y = np.column_stack([y, 1e6 - 3e3 * X[:, 3], 1e-4 * X[:, 0] * y, np.full(len(y), -7.5)])
    return X.astype(dtype), Y[:, columns]


def _labels():
    X, Y = make_multilabel_classification(600, n_classes=5, random_state=0)
    Y[:, 2] = 0
    return X, Y


def _fit(model, X, y):
    return Case(model.fit(X, y), X)


CASES = {
    "one value": lambda: _fit(short_regressor(n_connections=30), *_friedman(0)),
    "four values": lambda: _fit(short_regressor(n_connections=60), *_friedman()),
    "float32": lambda: _fit(short_regressor(n_connections=30), *_friedman(0, np.float32)),
    "values after PCA": lambda: _fit(
        make_pipeline(
            StandardScaler(), DimReducer("pca", ratio=2), short_regressor(n_connections=40)
        ),
        *_friedman(slice(0, 2)),
    ),
    "labels": lambda: _fit(short(n_connections=80), *_labels()),
}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    """Each of the models, not to be changed."""
    return CASES[request.param]()


def _is_labels(model):
    return hasattr(model, "classes_")


def library_of(report, folder):
    """The header as a library: its functions over rows."""
    name, ctype = report.name, report.ctype
    answer = "uint8_t" if report.code.program.kind == "labels" else "float"
    functions = {"predict": (ctype, answer)}
    if report.dtype != "float32":
        functions |= {"scores": (ctype, "int32_t"), "quantize": ("float", ctype)}
    elif answer == "uint8_t":
        functions |= {"outputs": ("float", "float"), "predict_proba": ("float", "float")}
    loops = included(report)
    for function, (source, target) in functions.items():
        width = "N_FEATURES" if function == "quantize" else "N_OUTPUTS"
        loops += f"""
void {function}(const {source} *x, {target} *y, int n) {{
    for (int i = 0; i < n; ++i)
        {name}_{function}(x + i * {name.upper()}_N_FEATURES, y + i * {name.upper()}_{width});
}}
"""
    source, library = folder / f"{report.dtype}.c", folder / f"{report.dtype}.so"
    source.write_text(loops)
    flags = ("-std=c99", "-O1", "-ffp-contract=off", *STRICT, "-shared", "-fPIC")
    run(*command_of("zig"), *flags, source, "-o", library)
    return ctypes.CDLL(str(library))


def call(function, X, n_columns, dtype):
    result = np.zeros((len(X), n_columns), dtype)
    function(np.ascontiguousarray(X).ctypes, result.ctypes, len(X))
    return result


def _close(found, expected, tolerance):
    """R² of every column; a constant one is met exactly to float32."""
    found, expected = (np.asarray(a, float).reshape(len(found), -1) for a in (found, expected))
    for f, e in zip(found.T, expected.T):
        if e.std() == 0:
            np.testing.assert_allclose(f, e, rtol=1e-6)
        else:
            assert 1 - r2_score(e, f) <= tolerance


def test_float_code(case, tmp_path):
    report = to_c(case.model, tmp_path / "net.h")
    library, rows = library_of(report, tmp_path), report.quantize(case.X)
    n_outputs = report.code.program.n_outputs
    kind = np.uint8 if _is_labels(case.model) else np.float32
    found = call(library.predict, rows, n_outputs, kind)
    np.testing.assert_array_equal(found, report.predict(case.X).reshape(found.shape))
    if _is_labels(case.model):
        assert (found == case.model.predict(case.X)).mean() > 0.999
        p = call(library.predict_proba, rows, n_outputs, np.float32)
        np.testing.assert_array_equal(p, report.code.probabilities(rows))
        np.testing.assert_allclose(p, case.model.predict_proba(case.X), atol=1e-5)
        z = call(library.outputs, rows, n_outputs, np.float32)
        np.testing.assert_array_equal(z, report.scores(case.X))
    else:
        _close(found, case.model.predict(case.X), 1e-6)


@pytest.mark.parametrize("dtype", ["int16", "int8"])
def test_integer_code(case, tmp_path, dtype):
    report = to_c(case.model, tmp_path / "net.h", dtype=dtype, calibration=case.X)
    library, rows = library_of(report, tmp_path), report.quantize(case.X)
    n_outputs = report.code.program.n_outputs
    raw = np.asarray(case.X, np.float32)
    np.testing.assert_array_equal(call(library.quantize, raw, rows.shape[1], rows.dtype), rows)
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(0)
    noise = rng.integers(limits.min, limits.max, (300, rows.shape[1]), dtype, endpoint=True)
    for Q in (rows, noise, np.full_like(rows[:1], limits.min)):
        scores = call(library.scores, Q, n_outputs, np.int32)
        np.testing.assert_array_equal(scores, report.code.outputs(Q))
        kind = np.uint8 if _is_labels(case.model) else np.float32
        found = call(library.predict, Q, n_outputs, kind)
        np.testing.assert_array_equal(found, report.code.predict(Q).reshape(found.shape))
    if _is_labels(case.model):
        assert (report.predict(case.X) == case.model.predict(case.X)).mean() > 0.97
        assert report.output_scale is None
    else:
        _close(
            report.predict(case.X), case.model.predict(case.X), 1e-5 if dtype == "int16" else 5e-3
        )
        values = report.output_offset + report.output_scale * report.scores(case.X)
        _close(values, report.predict(case.X), 1e-6)


@pytest.mark.parametrize("dtype", ["float32", "int16", "int8"])
@pytest.mark.parametrize("language", ["zig", "zig++"])
def test_the_self_test_tells_what_is_wrong(case, tmp_path, dtype, language):
    path = tmp_path / "net.h"
    to_c(case.model, path, dtype=dtype, calibration=case.X, self_test=case.X[:5])
    command = (*LANGUAGES[language], *STRICT, "-DNET_SELF_TEST", path, "-o", tmp_path / "net")
    run(*command)
    run(tmp_path / "net")
    before, after = path.read_text().split(" expected[", 1)
    first = after.split("{\n", 1)[1].split(",", 1)[0].split("}", 1)[0].strip()
    wrong = after.replace(first, "1234567.0f" if dtype == "float32" else "123", 1)
    path.write_text(f"{before} expected[{wrong}")
    run(*command)
    run(tmp_path / "net", status=1)


@pytest.mark.parametrize("dtype", ["float32", "int16", "int8"])
def test_flash_is_what_the_report_says(case, tmp_path, dtype):
    report = to_c(case.model, tmp_path / "net.h", dtype=dtype, calibration=case.X)
    assert report.flash_bytes == pytest.approx(measure_flash(report).total, abs=90, rel=0.05)
    if _is_labels(case.model) and dtype != "float32":
        assert measure_flash(report).library_calls == ()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_onnx(case, dtype):
    session = onnxruntime.InferenceSession(to_onnx(case.model, dtype=dtype).SerializeToString())
    names = [output.name for output in session.get_outputs()]
    answers = session.run(None, {"X": case.X.astype(dtype)})
    expected = case.model.predict(case.X)
    if _is_labels(case.model):
        assert names == ["label", "probabilities"]
        assert answers[0].dtype == np.int64
        assert (answers[0] == expected).mean() > 0.999
        np.testing.assert_allclose(answers[1], case.model.predict_proba(case.X), atol=1e-5)
    else:
        assert names == ["variable"]
        assert answers[0].shape == (len(case.X), expected.reshape(len(case.X), -1).shape[1])
        _close(answers[0], expected, 1e-6)


def test_numpy_alone(case, tmp_path):
    made = SparseModel.from_estimator(case.model)
    made.save(tmp_path / "net.npz")
    model = SparseModel.load(tmp_path / "net.npz")
    assert repr(model) == repr(made)
    expected = case.model.predict(case.X)
    assert model.predict(case.X).shape == expected.shape
    _close(model.predict(case.X), expected, 1e-6)
    if _is_labels(case.model):
        probabilities = model.predict_proba(case.X)
        np.testing.assert_allclose(probabilities, case.model.predict_proba(case.X), atol=1e-6)
        assert "labels=5" in repr(model)
    else:
        assert "values=" in repr(model)
        assert not hasattr(model, "classes_")
        with pytest.raises(AttributeError, match="values have no probabilities"):
            model.predict_proba(case.X)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": np.array("numbers")}, "'numbers'"),
        ({"kind": np.array(["values"])}, "kind is"),
        ({"kind": np.array(3)}, "kind is 3"),
        ({"classes": np.array([1, 2])}, "classes of shape"),
        ({"n_outputs": np.array(0)}, "0 outputs"),
        ({"kind": None}, "missing or too many"),
    ],
)
def test_files_that_were_changed(tmp_path, change, message):
    X, Y = _friedman(slice(0, 2))
    path = tmp_path / "net.npz"
    SparseModel.from_estimator(short_regressor(n_connections=30).fit(X, Y)).save(path)
    arrays = dict(np.load(path)) | change
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(ValueError, match=message):
        SparseModel.load(path)


def test_skops(case, tmp_path):
    path = tmp_path / "net.skops"
    skops.io.dump(case.model, path)
    loaded = skops.io.load(path, trusted=skops_trusted_types())
    np.testing.assert_array_equal(loaded.predict(case.X), case.model.predict(case.X))


def test_outliers_beyond_float32_are_refused(tmp_path):
    X, Y = _friedman(slice(0, 1))
    model = short_regressor(n_connections=30).fit(X, Y[:, 0] * 1e60)
    with pytest.raises(ValueError, match="float32"):
        to_c(model, tmp_path / "net.h")
    with pytest.raises(ValueError, match="float32"):
        to_c(model, tmp_path / "net.h", dtype="int8", calibration=X)
