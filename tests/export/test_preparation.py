"""Steps that select, fill in and encode: everything exported answers as the pipeline does."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.decomposition import PCA
from sklearn.feature_selection import RFE, RFECV, SelectFromModel, SelectKBest, VarianceThreshold
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
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
from scann_sklearn.model._front import Front
from scann_sklearn.model._program import Program
from tests.classifier._helpers import short, short_scheme
from tests.export._classes import assert_same_classes
from tests.export._compilers import STRICT, as_library, call, command_of, run

N_NUMBERS = 8


def one_hot(**parameters):
    return OneHotEncoder(**{"sparse_output": False, "handle_unknown": "ignore"} | parameters)


@pytest.fixture(scope="module")
def table():
    """Measurements of wine, a tenth of them missing, and two of them as categories."""
    X, y = load_wine(return_X_y=True)
    rng = np.random.default_rng(0)
    X[:, N_NUMBERS] = np.digitize(X[:, N_NUMBERS], [1, 1.5, 2]) * 3 - 2
    X[:, N_NUMBERS + 1] = np.digitize(X[:, N_NUMBERS + 1], [3, 5, 8]) / 10  # no whole numbers
    X = X[:, : N_NUMBERS + 2]
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, y


@pytest.fixture(scope="module")
def unseen(table):
    """The same samples, some of them of other categories."""
    X = table[0].copy()
    X[::5, N_NUMBERS] = 77
    X[1::5, N_NUMBERS + 1] = -0.1
    return X


NUMBERS, FIRST, SECOND = list(range(N_NUMBERS)), [N_NUMBERS], [N_NUMBERS + 1]
NUMERIC = make_pipeline(SimpleImputer(), StandardScaler())
PREPARATIONS = {
    "all columns": SimpleImputer(strategy="median"),
    "scaled before": make_pipeline(RobustScaler(), SimpleImputer(), PCA(5)),
    "with indicators": make_pipeline(SimpleImputer(strategy="mean", add_indicator=True)),
    "indicators alone": FeatureUnion([("a", NUMERIC), ("b", MissingIndicator(features="all"))]),
    "constant": make_pipeline(
        SimpleImputer(strategy="constant", fill_value=-1), MinMaxScaler(), SelectKBest(k=6)
    ),
    "filled in twice": make_pipeline(SimpleImputer(strategy="most_frequent"), SimpleImputer()),
    "categories": make_column_transformer(
        (NUMERIC, NUMBERS), (one_hot(), FIRST + SECOND), remainder="drop"
    ),
    "filled in categories": make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="most_frequent"), one_hot()), FIRST + SECOND),
        remainder=NUMERIC,
    ),
    "rare categories": make_column_transformer(
        (one_hot(min_frequency=0.25, handle_unknown="infrequent_if_exist"), FIRST + SECOND),
        (SimpleImputer(), slice(0, 4)),
    ),
    "at most two categories": make_column_transformer(
        (one_hot(max_categories=2), FIRST), (one_hot(drop="first"), SECOND), (NUMERIC, NUMBERS)
    ),
    "all but a category": make_column_transformer(
        (one_hot(drop="if_binary"), FIRST + SECOND), remainder=SimpleImputer()
    ),
    "codes": make_column_transformer(
        (
            OrdinalEncoder(
                handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
            ),
            FIRST + SECOND,
        ),
        (NUMERIC, [True] * N_NUMBERS + [False] * 2),
    ),
    "weights": ColumnTransformer(
        [("a", NUMERIC, [0, 1, -3]), ("b", one_hot(), FIRST), ("c", "drop", [4])],
        transformer_weights={"a": 0.5, "b": 2},
        remainder=make_pipeline(SimpleImputer(), PCA(2)),
    ),
    "a feature twice": make_column_transformer(
        (NUMERIC, [0, 1]), (make_pipeline(SimpleImputer(strategy="median"), PCA(1)), [1, 0])
    ),
}


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


# ---------------------------------------------------------------------------------------- samples


def test_which_samples_may_have_missing_values(table):
    X, y = table
    X = np.where(np.arange(X.shape[1]) < 4, X, np.nan_to_num(X))
    transformer = make_column_transformer((SimpleImputer(), [0, 1, 2, 3]), remainder="passthrough")
    model = make_pipeline(transformer, short()).fit(X, y)
    found = SparseModel.from_estimator(model)
    np.testing.assert_allclose(found.predict_proba(X), model.predict_proba(X), atol=1e-9)
    sample, copied = X[:1].copy(), int(model[-1].get_support(indices=True).max())
    assert copied >= 4
    sample[0, copied] = np.nan
    with pytest.raises(ValueError, match=f"X holds nan in row 0, feature {copied}"):
        found.predict(sample)
    sample[0, copied], sample[0, 0] = 0, np.inf
    with pytest.raises(ValueError, match="X holds inf in row 0, feature 0"):
        found.predict(sample)


def test_single_precision_compares_categories_in_single_precision(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.choice(np.array([0.1, 0.2, 0.7], np.float32), size=(150, 2))
    y = (X[:, 0] > 0.15) * 1 + (X[:, 1] > 0.15)
    model = make_pipeline(one_hot(dtype=np.float32), short()).fit(X, y)
    found = SparseModel.from_estimator(model).predict_proba(X)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, model.predict_proba(X), atol=1e-5)
    assert_same_classes(to_c(model, tmp_path / "net.h").predict(X), model, X)


# --------------------------------------------------------------------------------------- refusals


def _codes(values):
    rng = np.random.default_rng(0)
    X = rng.choice(np.array(values, object if isinstance(values[0], str) else None), (90, 1))
    return X, (X[:, 0] == values[0]).astype(int)


@pytest.mark.parametrize(
    ("encoder", "values", "message"),
    [
        (one_hot(), ["a", "b"], r"takes numbers and 'a' is none, so OneHotEncoder\(.*\) can't be "),
        (OrdinalEncoder(), ["a", "b"], r"so OrdinalEncoder\(\) can't .* encode strings before"),
        (
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
            [1, 2],
            "knows no code that is NaN, so OrdinalEncoder.* set encoded_missing_value or",
        ),
        (
            SimpleImputer(missing_values=-1),
            [-1, 2],
            r"only NaN stands for a missing value, so SimpleImputer\(missing_values=-1\) can't",
        ),
        (
            MissingIndicator(missing_values=-1),
            [-1, 2],
            "only NaN stands for a missing value, so MissingIndicator",
        ),
        (
            make_pipeline(StandardScaler(), one_hot()),
            [1, 2],
            "compared with raw features, not with what was computed, so OneHotEncoder.* put the",
        ),
        (
            make_pipeline(one_hot(), one_hot()),
            [1, 2],
            "compared with raw features",
        ),
        (FunctionTransformer(np.square), [1, 2], "may compute anything, so FunctionTransformer"),
    ],
)
def test_refused_steps(encoder, values, message):
    X, y = _codes(values)
    model = make_pipeline(encoder, short()).fit(X, y)
    with pytest.raises(ValueError, match=message):
        program_of(model)


def test_steps_that_are_not_known():
    X, y = load_wine(return_X_y=True)
    bins = KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf")
    with pytest.raises(TypeError, match="What KBinsDiscretizer computes.*known ahead.*OneHotEnc"):
        program_of(make_pipeline(make_column_transformer((bins, [0, 1])), short()).fit(X, y))


def test_missing_values_behind_a_mixture_are_refused(table):
    X, y = np.nan_to_num(table[0]), table[1]
    model = make_pipeline(PCA(3), SimpleImputer(), short()).fit(X, y)
    with pytest.raises(ValueError, match="are mixed, .* so SimpleImputer.* fill in .* before"):
        program_of(model)


def test_categories_that_single_precision_confuses(tmp_path):
    X, y = _codes([2.0**24, 2.0**24 + 1])
    model = make_pipeline(one_hot(), short()).fit(X, y)
    found = SparseModel.from_estimator(model).predict_proba(X)
    np.testing.assert_allclose(found, model.predict_proba(X), atol=1e-9)
    with pytest.raises(ValueError, match=r"In float32 categories like 16777216 can't be told.*so "):
        to_c(model, tmp_path / "net.h")


def test_integers_are_refused(table, tmp_path):
    X, y = table
    model = make_pipeline(PREPARATIONS["categories"], short()).fit(X, y)
    with pytest.raises(ValueError, match=r"Integers are never NaN.*dtype='int8'.*calibration="):
        to_c(model, tmp_path / "net.h", dtype="int8", calibration=X)
    calibration = model[:-1].transform(X)
    report = to_c(model[-1], tmp_path / "net.h", dtype="int8", calibration=calibration)
    assert np.mean(report.predict(calibration) == model.predict(X)) > 0.9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kinds": np.array([0, 2, 1], np.int8)}, "kinds of the front don't rise"),
        ({"kinds": np.array([0, 1, 3], np.int8)}, "kinds of the front don't rise"),
        ({"kinds": np.zeros(2, np.int8)}, r"kinds of the front is of shape \(2,\)"),
        ({"sources": np.zeros(3)}, "sources of the front is of shape .* float64"),
        ({"sources": np.array([0, 0, 5])}, "the front doesn't read each of 2 inputs"),
        ({"constants": np.array([np.inf, 0, 0])}, "constants of the front are not finite"),
        ({"constants": np.array([0, np.nan, 0])}, "constants of the front are not finite"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change, message):
    front = Front(np.array([0, 1, 0]), np.array([0, 1, 2], np.int8), np.array([2.5, 1, np.nan]))
    program = Program(
        n_features=2,
        n_linear=0,
        n_outputs=1,
        inputs=np.arange(2),
        indptr=np.array([0, 3]),
        sources=np.arange(3),
        weights=np.ones(3),
        biases=np.zeros(1),
        classes=np.arange(2),
        front=front,
    )
    outputs = program.outputs([[0, 1], [np.nan, 1], [np.nan, np.nan]])
    np.testing.assert_array_equal(outputs[:, 0], [1, 4.5, 3.5])
    with pytest.raises(ValueError, match=message):
        replace(program, front=replace(front, **change))
