"""Steps that select, fill in and encode: everything exported answers as the pipeline does."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.decomposition import PCA
from sklearn.feature_selection import RFE, RFECV, SelectFromModel, SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from scann_sklearn import DimReducer, SCANNRegressor
from scann_sklearn.export import SparseModel, measure_flash, to_c, to_onnx
from scann_sklearn.export._followed_steps import features_behind
from scann_sklearn.export._program_of import program_of
from tests.classifier._helpers import short, short_scheme
from tests.export._classes import assert_same_classes
from tests.export._compilers import STRICT, as_library, call, command_of, run
from tests.export._preparations import N_NUMBERS, NUMBERS, NUMERIC, PREPARATIONS, one_hot


@pytest.fixture(scope="module")
def unseen(table):
    """The same samples, some of them of other categories."""
    X = table[0].copy()
    X[::5, N_NUMBERS] = 77
    X[1::5, N_NUMBERS + 1] = -0.1
    return X


def _session(model, dtype):
    content = to_onnx(model, dtype=dtype).SerializeToString()
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


# an encoder that leaves out a category can't tell it from one that it has not seen
@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("name", PREPARATIONS)
def test_every_export_answers_as_the_pipeline(table, unseen, name, tmp_path):
    X, y = table
    model = make_pipeline(PREPARATIONS[name], short(n_connections=60)).fit(X, y)
    expected = model.predict_proba(unseen)
    sparse_model = SparseModel.from_estimator(model)
    np.testing.assert_allclose(sparse_model.predict_proba(unseen), expected, atol=1e-9)
    sparse_model.save(tmp_path / "model.npz")
    loaded = SparseModel.load(tmp_path / "model.npz")
    np.testing.assert_allclose(loaded.predict_proba(unseen), expected, atol=1e-9)
    assert repr(loaded) == repr(sparse_model)
    for dtype, tolerance in (("float32", 1e-5), ("float64", 1e-9)):
        found = _session(model, dtype).run(["label", "probabilities"], {"X": unseen.astype(dtype)})
        assert_same_classes(found[0], model, unseen)
        np.testing.assert_allclose(found[1], expected, atol=tolerance)
    report = to_c(model, tmp_path / "net.h", self_test=unseen[:20])
    assert_same_classes(report.predict(unseen), model, unseen)
    library, Q = as_library(report, tmp_path), report.quantize(unseen)
    probabilities = call(library.predict_proba, Q, expected.shape, np.float32)
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)
    outputs = call(library.outputs, Q, (len(Q), 3), np.float32, 3)
    np.testing.assert_array_equal(outputs, report.scores(unseen))


@pytest.mark.parametrize("compiler", ["zig", "zig++", "gcc", "g++", "clang"])
def test_the_self_test_knows_missing_values(table, tmp_path, compiler):
    X, y = table
    model = make_pipeline(PREPARATIONS["filled in categories"], short()).fit(X, y)
    assert np.isnan(X[:20]).any()
    report = to_c(model, tmp_path / "net.h", self_test=X[:20])
    program = tmp_path / "test"
    command = command_of(compiler)
    language = () if "++" in compiler else ("-std=c99", "-x", "c")
    run(*command, *language, *STRICT, "-DNET_SELF_TEST", report.path, "-o", program)
    run(program)


def test_a_regressor_of_diabetes(tmp_path):
    """Sex is 1 or 2 there, not a number; the age is known of some."""
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X[::7, 0] = np.nan
    encoder = make_column_transformer((one_hot(drop="if_binary"), [1]), remainder=NUMERIC)
    model = make_pipeline(encoder, SCANNRegressor(short_scheme("B"), random_state=0))
    expected = model.fit(X, y).predict(X)
    np.testing.assert_allclose(SparseModel.from_estimator(model).predict(X), expected, rtol=1e-9)
    report = to_c(model, tmp_path / "net.h")
    np.testing.assert_allclose(report.predict(X), expected, rtol=1e-4)
    (found,) = _session(model, "float32").run(["variable"], {"X": X.astype(np.float32)})
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-4)


# ------------------------------------------------------------------------------------ selections


@pytest.mark.parametrize(
    "selector",
    [
        SelectKBest(k=7),
        VarianceThreshold(0.02),
        SelectFromModel(LogisticRegression(max_iter=50, tol=0.1)),
        SelectFromModel(short(n_connections=40)),
        RFE(LogisticRegression(max_iter=50, tol=0.1), n_features_to_select=6, step=8),
        RFECV(LogisticRegression(max_iter=50, tol=0.1), step=12, cv=2),
    ],
    ids=lambda selector: type(selector).__name__,
)
def test_selectors_cost_nothing(selector):
    X, y = load_breast_cancer(return_X_y=True)
    model = make_pipeline(MinMaxScaler(), selector, short(n_connections=40)).fit(X, y)
    program = program_of(model)
    selected = np.flatnonzero(model[1].get_support())
    assert (program.front, program.n_linear) == (None, 0)
    np.testing.assert_array_equal(program.inputs, selected[model[-1].get_support(indices=True)])
    assert program.n_connections == model[-1].n_connections_
    found = SparseModel(program).predict_proba(X)
    np.testing.assert_allclose(found, model.predict_proba(X), atol=1e-9)


def test_a_selection_of_principal_components():
    X, y = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), PCA(8), SelectKBest(k=3), short()).fit(X, y)
    np.testing.assert_allclose(
        SparseModel.from_estimator(model).predict_proba(X), model.predict_proba(X), atol=1e-9
    )


@pytest.mark.parametrize(
    "columns",
    [
        lambda names: list(names[:3]),
        lambda names: slice(names[1], names[4]),
        lambda names: slice(None, names[2]),
        lambda names: [0, -1],
        lambda names: [True, False] * 5,
        lambda names: np.array([3, 1]),
        lambda names: make_column_selector(dtype_include=np.number),
    ],
)
def test_columns_of_data_frames(table, columns):
    X, y = table
    frame = pd.DataFrame(X, columns=[f"feature {i}" for i in range(X.shape[1])])
    transformer = make_column_transformer((NUMERIC, columns(frame.columns)))
    model = make_pipeline(transformer.set_output(transform="pandas"), short()).fit(frame, y)
    expected = model.predict_proba(frame)
    found = SparseModel.from_estimator(model)
    for samples in (frame, X):
        np.testing.assert_allclose(found.predict_proba(samples), expected, atol=1e-9)


def test_a_step_without_columns_and_one_that_does_nothing(table):
    X, y = table
    transformer = make_column_transformer(
        (StandardScaler(), []), (NUMERIC, NUMBERS), (PCA(2), np.zeros(X.shape[1], bool))
    )
    model = make_pipeline(FunctionTransformer(), transformer, "passthrough", short()).fit(X, y)
    search = GridSearchCV(model, {"scannclassifier__n_connections": [15]}, cv=2).fit(X, y)
    np.testing.assert_allclose(
        SparseModel.from_estimator(search).predict_proba(X), search.predict_proba(X), atol=1e-9
    )


_STEPS = st.sampled_from(
    [
        StandardScaler(),
        MinMaxScaler((-1, 2)),
        MaxAbsScaler(),
        RobustScaler(),
        PCA(2),
        VarianceThreshold(),
        SelectKBest(k=2),
        DimReducer("gaussian_rp", n_components=2, random_state=0),
        "passthrough",
        FunctionTransformer(),
    ]
)


def _pipeline(steps):
    return make_pipeline(*steps) if steps else "passthrough"


@st.composite
def _transformers(draw, n_features, depth=1):
    """A ColumnTransformer of numeric steps, perhaps of others of the same kind."""
    branches = []
    for i in range(draw(st.integers(1, 3))):
        size = draw(st.integers(2, n_features))
        columns = draw(st.permutations(range(n_features)))[:size]
        steps = draw(st.lists(_STEPS, max_size=2))
        if depth and draw(st.booleans()):
            steps = [draw(_transformers(size, depth=0)), *steps[:0]]
        branches.append((f"step {i}", _pipeline(steps), columns))
    remainder = draw(st.sampled_from(["drop", "passthrough", StandardScaler()]))
    return ColumnTransformer(branches, remainder=remainder)


@settings(max_examples=60)
@given(_transformers(4), st.booleans(), st.integers(0, 2**16))
def test_any_composition_of_numeric_steps(transformer, fills, seed):
    """The features behind the steps; exported networks multiply these."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(40, 4)) * rng.uniform(0.5, 20, 4) + rng.normal(size=4)
    y = rng.integers(0, 2, 40)
    steps = [transformer.fit(X, y)]
    if fills:
        with_gaps = np.where(rng.random(X.shape) < 0.2, np.nan, X)
        steps = [SimpleImputer(keep_empty_features=True).fit(with_gaps), *steps]
        steps[1].fit(steps[0].transform(with_gaps), y)
        X = with_gaps
    expected = make_pipeline(*steps).transform(X)
    features = features_behind(steps, np.dtype(float))
    matrix, front = features.front()
    assert (front is not None) == fills
    entries = X.T if front is None else front.entries(X.T[: features.n_raw])
    found = (matrix @ entries).T + features.offset
    np.testing.assert_allclose(found, expected, atol=1e-9 * max(np.abs(expected).max(), 1))


@st.composite
def _encoders(draw):
    """An encoder of categories, those that are rare or left out included."""
    if draw(st.booleans()):
        parameters = {"unknown_value": -1, "encoded_missing_value": -2}
        return OrdinalEncoder(handle_unknown="use_encoded_value", **parameters)
    return OneHotEncoder(
        drop=draw(st.sampled_from([None, "first", "if_binary"])),
        handle_unknown=draw(st.sampled_from(["ignore", "infrequent_if_exist", "warn", "error"])),
        min_frequency=draw(st.sampled_from([None, 3, 0.2])),
        max_categories=draw(st.sampled_from([None, 2, 3])),
        sparse_output=draw(st.booleans()),
        dtype=draw(st.sampled_from([np.float64, np.int8])),
    )


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@settings(max_examples=80)
@given(_encoders(), st.booleans(), st.integers(0, 2**16))
def test_any_encoder(encoder, fills, seed):
    rng = np.random.default_rng(seed)
    X, new = rng.choice(
        [0, 1, 2.5, 7, -3, np.nan], size=(2, 40, 3), p=[0.3, 0.3, 0.2, 0.1, 0.05, 0.05]
    )
    if encoder.handle_unknown != "error":
        new[:5] = [[99, 1, -3]] * 5
    else:
        new = X
    steps = [SimpleImputer(strategy="most_frequent")] * fills + [encoder]
    expected = make_pipeline(*steps).fit(X).transform(new)
    expected = expected.toarray() if hasattr(expected, "toarray") else expected
    features = features_behind(steps, np.dtype(float))
    matrix, front = features.front()
    found = (matrix @ front.entries(new.T)).T + features.offset
    np.testing.assert_allclose(found, expected, atol=1e-9)


@settings(max_examples=8)
@given(_transformers(6), st.integers(0, 5))
def test_programs_of_any_composition(transformer, seed):
    X, y = load_wine(return_X_y=True)
    X = X[:, 2:8]
    rng = np.random.default_rng(seed)
    gaps = np.where(rng.random(X.shape) < 0.1, np.nan, X)
    model = make_pipeline(SimpleImputer(), transformer, short(n_connections=30)).fit(gaps, y)
    np.testing.assert_allclose(
        SparseModel.from_estimator(model).predict_proba(gaps), model.predict_proba(gaps), atol=1e-9
    )


# ------------------------------------------------------------------------------ what costs nothing


def test_what_nothing_reads_vanishes(table):
    X, y = table
    model = make_pipeline(PREPARATIONS["categories"], short(n_connections=6)).fit(X, y)
    program = program_of(model)
    assert program.front.n_entries <= len(model[-1].get_support(indices=True)) <= 6
    np.testing.assert_array_equal(np.unique(program.front.sources), np.arange(program.n_inputs))
    assert program.n_inputs < X.shape[1]


def test_costs_of_a_front(table, tmp_path):
    X, y = table
    model = make_pipeline(PREPARATIONS["filled in categories"], short()).fit(X, y)
    report = to_c(model, tmp_path / "net.h")
    front = report.code.program.front
    assert report.operations.comparisons == front.n_entries + model[-1].n_hidden_ + 2
    prepared = to_c(model[-1], tmp_path / "alone.h")
    assert report.energy > prepared.energy
    measured = measure_flash(report)
    assert report.flash_bytes == pytest.approx(measured.text + measured.rodata, rel=0.1)
