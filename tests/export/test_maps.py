"""Networks of maps as programs, files, C and ONNX."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from onnx.reference import ReferenceEvaluator
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import Conv2d, ConvFrontEnd, MaxPool2d
from scann_sklearn.export import SparseModel, to_c, to_onnx
from scann_sklearn.export._program_of import program_of
from scann_sklearn.export._single import SinglePrecision
from scann_sklearn.heads._classes import class_head
from scann_sklearn.model._model import Model
from scann_sklearn.network import Topology
from scann_sklearn.network._convolution import SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from tests._optional import need
from tests.classifier._helpers import run_python, short
from tests.export._compilers import LANGUAGES, STRICT, TRAPS, as_library, call, run
from tests.export._maps import FRONTS, Fitted, random_maps


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


def test_an_image_is_all_of_a_sample():
    program = program_of(random_maps(FRONTS["two"])[0])
    with pytest.raises(ValueError, match="maps, 0 linear rows, 198 inputs of 199"):
        replace(program, n_features=199)


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


DTYPES = ["float32", "int16", "int8"]
HEADS = {
    "two classes": {"n_classes": 2},
    "labels": {"n_classes": 4, "kind": "labels"},
    "one value": {"n_classes": 1, "kind": "values"},
    "values": {"n_classes": 3, "kind": "values"},
}


def self_tested(report, folder, *options):
    """The program of the self-test, run."""
    run(*options, *STRICT, "-DNET_SELF_TEST", report.path, "-o", folder / "net")
    run(folder / "net")


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_heads(tmp_path, dtype, head):
    model, X = random_maps(FRONTS["two"], **HEADS[head])
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X, self_test=X)
    self_tested(report, tmp_path, *LANGUAGES["zig"], "-O2", *TRAPS)
    found, expected = report.predict(X), model.predict(X)
    if HEADS[head].get("kind") == "values":
        tolerance = {"float32": 1e-5, "int16": 1e-2, "int8": 0.3}[dtype]
        np.testing.assert_allclose(found, expected, atol=tolerance * np.abs(expected).max())
    else:
        assert np.mean(found == expected) > (0.9 if dtype == "int8" else 0.99)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**16), dtype=st.sampled_from(DTYPES))
def test_random_maps(tmp_path, seed, dtype):
    """Of any stages that fit, and images of any scale."""
    rng = np.random.default_rng(seed)
    image = tuple(rng.integers(1, 4, 1)) + tuple(rng.integers(7, 16, 2))
    kinds = list(FRONTS.values())[rng.integers(len(FRONTS))]
    if image[1] < 10 or image[2] < 10:
        kinds = kinds[:2]
    model, X = random_maps(kinds, seed, tuple(map(int, image)))
    X = X * 10.0 ** rng.integers(-2, 3) + rng.normal()
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X, self_test=X[:20])
    self_tested(report, tmp_path, *LANGUAGES["zig"], "-O2", *TRAPS)


@pytest.mark.parametrize("dtype", DTYPES)
def test_maps_that_hear_nothing(tmp_path, dtype):
    """They are constants, with zeros around them where padding reads."""
    rng = np.random.default_rng(0)
    first = SparseConv2d((1, 8, 7), 3, 3, [0, 0, 4, 9], [0, 2, 3, 8, 1, 2, 4, 5, 7])
    second = SparseConv2d.dense(first.target, 2, 3, padding=1)
    front = MapFront((first, second))
    topology = Topology.dense(front.target.size, 3, n_hidden=0)
    network = MapNetwork.initialize_maps(front, topology, rng)
    network = replace(network, bias=rng.random(network.n_biases))
    model, X = Fitted(Model(network, class_head(np.arange(3)))), rng.normal(size=(40, 56))
    expected = model.decision_function(X)
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X, self_test=X)
    self_tested(report, tmp_path, *LANGUAGES["zig"], "-O2", *TRAPS)
    if dtype == "float32":
        np.testing.assert_allclose(report.scores(X), expected, atol=1e-5)
        np.testing.assert_allclose(program_of(model).outputs(X), expected, atol=1e-9)
    assert np.mean(report.predict(X) == model.predict(X)) > 0.9


@pytest.mark.parametrize("language", ["zig++", "gcc", "g++", "clang", "clang++"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_other_languages(tmp_path, language, dtype):
    if not language.startswith("zig"):
        need(language)
    model, X = random_maps(FRONTS["two"])
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X, self_test=X[:9])
    self_tested(report, tmp_path, *LANGUAGES[language], "-O2")


@pytest.mark.parametrize("front", ["two", "strides", "means", "areas"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_memory_is_used_within_its_bounds(tmp_path, dtype, front):
    need("gcc")
    model, X = random_maps(FRONTS[front])
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X, self_test=X[:9])
    checks = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    self_tested(report, tmp_path, *LANGUAGES["gcc"], *checks)
    need("valgrind")
    self_tested(report, tmp_path, *LANGUAGES["gcc"], "-g")
    run("valgrind", "-q", "--error-exitcode=9", tmp_path / "net")


def test_the_tolerance_covers_other_roundings(fitted):
    """Those of sums in twice the precision, for instance."""
    model, X = fitted
    code = SinglePrecision(program_of(model, "float32"))
    rows = code.quantize(100 * X)
    exact = code.program.outputs(rows.astype(float))
    error = np.abs(code.outputs(rows) - exact).max()
    assert error <= code.tolerance(rows) < 1e-3 * np.abs(exact).max()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_report_counts_maps(tmp_path, dtype):
    """By hand: two layers of maps at a time, the second with a frame of zeros around it."""
    model, X = random_maps(FRONTS["two"])
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X)
    front = model.model.network.front
    first, _, second, _ = front.stages
    n_first, n_last = first.n_maps * 6 * 5, report.code.program.n_slots
    assert n_last == front.target.size + model.model.n_hidden
    size = {"float32": 4, "int16": 2, "int8": 1}[dtype]
    values = n_first * size + n_last * max(size, 2)
    assert report.ram.values == values + values % 2
    assert report.ram.input == 198 * size
    products = first.n_connections * 8 * 6 + second.n_connections * 4 * 2
    assert report.operations.macs == products + model.model.network.topology.n_connections
    assert report.n_connections == model.model.n_connections


def test_digits(tmp_path):
    """A fitted estimator, whose scaling is folded."""
    X, y = load_digits(return_X_y=True)
    front_end = ConvFrontEnd([Conv2d(6, 3, padding=1), MaxPool2d(2)], input_shape=(1, 8, 8))
    clf = short(n_connections=300, front_end=front_end).fit(X, y)
    for dtype, least in (("float32", 1), ("int16", 0.999), ("int8", 0.99)):
        report = to_c(clf, tmp_path / f"{dtype}.h", dtype=dtype, calibration=X)
        assert np.mean(report.predict(X) == clf.predict(X)) >= least
    model = SparseModel.from_estimator(clf)
    np.testing.assert_allclose(model.predict_proba(X), clf.predict_proba(X), atol=1e-6)
    images = X.reshape(-1, 1, 8, 8)
    np.testing.assert_array_equal(model.predict(images), clf.predict(images))
    np.testing.assert_array_equal(report.predict(images), report.predict(X))
    with pytest.raises(ValueError, match=r"X of shape \(1797, 8, 8\) doesn't fit"):
        model.predict(images[:, 0])


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
