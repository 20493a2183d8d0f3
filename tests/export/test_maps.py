"""Networks of maps as programs, files, C and ONNX."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn.export import SparseModel, to_c, to_onnx
from scann_sklearn.export._program_of import program_of
from tests.classifier._helpers import run_python
from tests.export._compilers import LANGUAGES, STRICT, as_library, call, run
from tests.export._maps import FRONTS, random_maps


@pytest.fixture(params=FRONTS)
def fitted(request):
    """An estimator and images, for each kind of front."""
    return random_maps(FRONTS[request.param])


def test_a_program_computes_what_the_network_does(fitted):
    model, X = fitted
    program = program_of(model)
    assert program.n_connections == model.model.n_connections
    assert program.n_features == X.shape[1]
    np.testing.assert_allclose(program.outputs(X), model.decision_function(X), atol=1e-9)


def test_images_go_through_in_parts(monkeypatch):
    model, X = random_maps(FRONTS["two"])
    program = program_of(model)
    whole = program.outputs(X)
    monkeypatch.setattr("scann_sklearn.model._maps._AT_ONCE", 7 * 11 * 9 * 4)
    np.testing.assert_array_equal(program.outputs(X), whole)


def test_pixels_that_are_read(fitted):
    """One that isn't changes no answer; most of the others change some."""
    model, X = fitted
    reads = model.model.reads
    assert reads.shape == (X.shape[1],)
    changed = np.where(reads, X, 1e6)
    np.testing.assert_array_equal(model.decision_function(changed), model.decision_function(X))


# -------------------------------------------------------------------------------------- files

PREDICT = """
import sys
import numpy as np
from scann_sklearn.export import SparseModel
model = SparseModel.load(sys.argv[1])
data = np.load(sys.argv[2])
assert np.abs(model.predict_proba(data["X"]) - data["p"]).max() < 1e-6
print(sorted({"torch", "skorch", "sklearn", "scipy", "numba", "pandas"} & set(sys.modules)))
"""


def test_a_file_needs_numpy_only(fitted, tmp_path):
    model, X = fitted
    SparseModel.from_estimator(model).save(tmp_path / "maps.npz")
    loaded = SparseModel.load(tmp_path / "maps.npz")
    np.testing.assert_allclose(loaded.predict_proba(X), model.predict_proba(X), atol=1e-9)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    with pytest.raises(ValueError, match="X holds nan in row 0, feature 2"):
        loaded.predict(np.where(np.arange(X.shape[1]) == 2, np.nan, X))


def test_a_fresh_process(tmp_path):
    model, X = random_maps(FRONTS["two"])
    SparseModel.from_estimator(model).save(tmp_path / "maps.npz")
    np.savez(tmp_path / "data.npz", X=X, p=model.predict_proba(X))
    assert run_python(PREDICT, tmp_path / "maps.npz", tmp_path / "data.npz").strip() == "[]"


def _changed(**changes):
    model, _ = random_maps(FRONTS["two"])
    program = program_of(model)
    arrays = {name: np.array(array) for name, array in changes.items()}
    return replace(program, front=replace(program.front, **arrays))


_STAGES = [0, 4, 3, 1, 0, 1, 4, 2, 2, 0, 0, 5, 3, 1, 1, 1, 5, 2, 2, 0]


def _stages(**changes):
    """The stages with some numbers changed, by their places."""
    numbers = np.array(_STAGES)
    for place, number in changes.items():
        numbers[int(place.removeprefix("at"))] = number
    return numbers


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image": [2, 11]}, "the maps have 2 sizes and 20 numbers of stages"),
        ({"image": [2, 10, 9]}, r"maps of \[2, 10, 9\] for 198 inputs"),
        ({"image": [2.0, 11, 9]}, "image of the maps is of shape .* float64"),
        ({"stages": _STAGES[:-1]}, "3 sizes and 19 numbers"),
        ({"stages": _stages(at0=3)}, r"a stage of the maps is \[3, 4, 3, 1, 0\]"),
        ({"stages": _stages(at3=0)}, r"a stage of the maps is \[0, 4, 3, 0, 0\]"),
        ({"stages": _stages(at6=3)}, r"a pooling of 4 maps is \[3, 2, 2, 0\]"),
        ({"stages": _stages(at2=12)}, "a kernel of 12 with padding 0"),
        ({"stages": _stages(at14=9)}, "a kernel of 3 with padding 9"),
        ({"stages": _stages(at11=2**30)}, "with 9 biases"),
        ({"biases": [1.0] * 8}, "with 8 biases"),
        ({"biases": [np.nan] * 9}, "not finite"),
        ({"indptr": [0] * 10}, "indptr of the maps doesn't rise"),
        ({"weights": [1.0]}, r"1 \(weights\)"),
    ],
)
def test_damaged_maps(changes, message):
    with pytest.raises(ValueError, match=message):
        _changed(**changes)


def test_damaged_connections():
    program = program_of(random_maps(FRONTS["two"])[0])
    indices = program.front.indices.copy()
    for place, number, message in ((0, 99, "outside of 18 places"), (1, 0, "don't ascend")):
        damaged = indices.copy()
        damaged[place] = number
        if place == 1:
            damaged[0] = 1
        with pytest.raises(ValueError, match=message):
            replace(program, front=replace(program.front, indices=damaged))


# ------------------------------------------------------------------------------------ refusals


def test_steps_ahead_are_refused():
    model, X = random_maps(FRONTS["plain"])
    with pytest.raises(ValueError, match="ahead of maps, so StandardScaler"):
        program_of(make_pipeline(StandardScaler().fit(X), model))


# ------------------------------------------------------------------------------------------- C


def test_float_code_is_its_reference(fitted, tmp_path):
    model, X = fitted
    report = to_c(model, tmp_path / "net.h", self_test=X[:5])
    library, rows = as_library(report, tmp_path), report.quantize(X)
    outputs = call(library.outputs, rows, (len(rows), 3), np.float32, 3)
    np.testing.assert_array_equal(outputs, report.code.outputs(rows))
    np.testing.assert_allclose(outputs, model.decision_function(X), atol=1e-5)
    best = call(library.predict, rows, len(rows), np.int32)
    np.testing.assert_array_equal(best, model.predict(X))
    run(*LANGUAGES["zig"], *STRICT, "-DNET_SELF_TEST", report.path, "-o", tmp_path / "net")
    run(tmp_path / "net")


@pytest.mark.parametrize("dtype", ["int16", "int8"])
def test_integer_code_is_its_reference(fitted, tmp_path, dtype):
    """Of any image, and about what the network says of those that are like its training data."""
    model, X = fitted
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X, self_test=X[:5])
    library, rows = as_library(report, tmp_path), report.quantize(X)
    raw = np.asarray(X, np.float32)
    np.testing.assert_array_equal(call(library.quantize, raw, rows.shape, rows.dtype), rows)
    limits = np.iinfo(dtype)
    noise = np.random.default_rng(0).integers(limits.min, limits.max, (200, X.shape[1]), dtype)
    for Q in (rows, noise, np.full_like(rows[:1], limits.min), np.full_like(rows[:1], limits.max)):
        best = call(library.predict, Q, len(Q), np.int32)
        np.testing.assert_array_equal(best, report.code.program.head.decide(report.code.outputs(Q)))
    assert np.mean(report.predict(X) == model.predict(X)) >= (0.98 if dtype == "int16" else 0.9)
    run(*LANGUAGES["zig"], *STRICT, "-DNET_SELF_TEST", report.path, "-o", tmp_path / "net")
    run(tmp_path / "net")


# ---------------------------------------------------------------------------------------- ONNX


def _session(graph):
    content = graph.SerializeToString()
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize(
    ("dtype", "session"), [("float32", _session), ("float64", ReferenceEvaluator)]
)
def test_onnx(fitted, dtype, session):
    """onnxruntime has no convolutions of float64."""
    model, X = fitted
    graph = to_onnx(model, dtype=dtype)
    feed = {"X": X.astype(dtype)}
    labels, probabilities = session(graph).run(["label", "probabilities"], feed)
    np.testing.assert_allclose(probabilities, model.predict_proba(X), atol=1e-5)
    np.testing.assert_array_equal(labels, model.predict(X))
    kinds = {node.op_type for node in graph.graph.node}
    assert kinds >= {"Reshape", "Flatten"}
    assert ("Conv" in kinds) == bool(model.model.network.front.n_connections)
