"""DimReducer: its contract with scikit-learn, its methods, its scales, its bad inputs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import math
import pickle
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.callback import ProgressBar
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.parallel import Parallel, delayed

from scann_sklearn.reduction._dim_reducer import DimReducer
from scann_sklearn.reduction._methods import METHODS

PROJECTIONS = ["gaussian_rp", "unit_gaussian_rp", "achlioptas_rp", "sparse_rp"]
LEARNED = ["pca", "factor_analysis", "ica"]
AFFINE = [name for name, method in METHODS.items() if method.is_affine]
EMBEDDINGS = [name for name, method in METHODS.items() if not method.is_affine]
REDUCTIONS = [method for method in METHODS if method != "passthrough"]


@pytest.fixture(scope="module")
def digits():
    return load_digits(return_X_y=True)[0]


@pytest.fixture(scope="module")
def sources():
    """Mixtures of independent sources, for which every method converges."""
    rng = np.random.RandomState(0)
    return rng.laplace(size=(300, 6)) ** 3 @ rng.normal(size=(6, 6)) + 100


def _fit(method, X, **parameters):
    return DimReducer(method, random_state=0, **parameters).fit(X)


@parametrize_with_checks(
    [
        DimReducer(method, normalize=normalize, random_state=0)
        for method in METHODS
        for normalize in (True, False)
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


# The table of methods


def test_the_docstring_lists_the_methods():
    rows = re.findall(r'^    "(\w+)" +(yes|no) ', DimReducer.__doc__, re.MULTILINE)
    assert dict(rows) == {name: "yes" if name in AFFINE else "no" for name in METHODS}


@pytest.mark.parametrize("method", AFFINE)
def test_the_table_knows_the_matrix(method, sources):
    matrix, _ = _fit(method, sources, n_components=3).to_affine()
    is_diagonal = np.array_equal(matrix, np.diag(np.diag(matrix)))
    assert is_diagonal == METHODS[method].is_diagonal
    assert (not matrix.all() and not is_diagonal) == METHODS[method].is_sparse


# Number of components


@given(n_features=st.integers(1, 40), ratio=st.floats(1, 50))
def test_ratio_gives_the_floor(n_features, ratio):
    reducer = DimReducer("achlioptas_rp", ratio=ratio)
    X = np.eye(41)[:, :n_features]
    expected = math.floor(n_features / ratio)
    if expected:
        assert reducer.fit(X).n_components_ == expected
        assert reducer.transform(X).shape == (41, expected)
        assert reducer.ratio_ == n_features / expected
    else:
        with pytest.raises(ValueError, match="leaves no component"):
            reducer.fit(X)


@pytest.mark.parametrize("method", REDUCTIONS)
def test_without_a_number_of_components_it_is_capped(method):
    X = np.random.RandomState(0).rand(5, 9)
    assert DimReducer(method).fit(X).n_components_ == 5


@pytest.mark.parametrize("method", EMBEDDINGS)
def test_components_are_capped_by_landmarks(method, digits):
    assert DimReducer(method, n_landmarks=50).fit(digits).n_components_ == 50


@pytest.mark.parametrize("parameters", [{}, {"ratio": 4}, {"n_components": 1}])
def test_passthrough_keeps_all_features(parameters):
    X = np.random.RandomState(0).normal(size=(5, 9))
    reducer = DimReducer("passthrough", **parameters)
    assert_allclose(reducer.fit_transform(X), MinMaxScaler().fit_transform(X), atol=1e-15)
    assert reducer.n_components_ == 9
    assert reducer.ratio_ == 1


# Bad input

_OK = np.random.RandomState(0).rand(20, 6)


@pytest.mark.parametrize(
    ("parameters", "X", "message"),
    [
        ({"method": "lda"}, _OK, "'method' parameter of DimReducer .* 'lda'"),
        ({"ratio": 0.5}, _OK, r"'ratio' parameter .* \[1.0, inf\) .* 0.5"),
        ({"ratio": float("nan")}, _OK, "'ratio' parameter .* nan"),
        ({"ratio": 7}, _OK, "ratio=7 leaves no component of 6 feature"),
        ({"ratio": float("inf")}, _OK, "'ratio' parameter .* inf"),
        ({"n_components": 0}, _OK, "'n_components' parameter .* 0"),
        ({"n_components": 2.5}, _OK, "'n_components' parameter .* 2.5"),
        ({"n_components": 7}, _OK, r"n_components=7 is more than the 6 feature\(s\)"),
        ({"n_components": 3, "ratio": 2}, _OK, "not both. Got ratio=2, n_components=3"),
        ({"n_components": 5}, _OK[:4], "n_components=5 .* samples=4"),
        ({"ratio": 1}, _OK[:4], "ratio=1 asks for 6 components, .* samples=4"),
        ({"method": "isomap", "n_components": 5, "n_landmarks": 4}, _OK, "n_landmarks=4"),
        ({"n_landmarks": 1}, _OK, "'n_landmarks' parameter .* 1"),
        ({"normalize": "yes"}, _OK, "'normalize' parameter .* 'yes'"),
        ({"random_state": "0"}, _OK, "'random_state' parameter .* '0'"),
        ({}, np.where(np.eye(6) > 0, np.nan, 1), "NaN"),
        ({}, np.where(np.eye(6) > 0, np.inf, 1), "infinity"),
        ({}, _OK[:1], r"1 sample\(s\)"),
        ({}, _OK[:, :0], r"0 feature\(s\)"),
        ({}, _OK[0], "Expected 2D array, got 1D array"),
    ],
)
def test_bad_input(parameters, X, message):
    with pytest.raises(ValueError, match=message):
        DimReducer(**parameters).fit(X)


def test_bad_input_after_fit():
    reducer = DimReducer()
    for method in (reducer.transform, lambda X: reducer.to_affine()):
        with pytest.raises(NotFittedError, match="DimReducer"):
            method(_OK)
    reducer.fit(_OK)
    with pytest.raises(ValueError, match="X has 5 features, .* expecting 6 features"):
        reducer.transform(_OK[:, :5])
    with pytest.raises(ValueError, match="NaN"):
        reducer.transform(_OK * np.nan)


# The affine map


@given(
    method=st.sampled_from(AFFINE),
    normalize=st.booleans(),
    dtype=st.sampled_from([np.float64, np.float32]),
    exponents=st.lists(st.integers(-8, 8), min_size=6, max_size=6),
    offset=st.sampled_from([0, 10]),
)
def test_affine_map_is_transform(method, normalize, dtype, exponents, offset, sources):
    X = ((sources - 100 + offset) * 10.0 ** np.array(exponents)).astype(dtype)
    reducer = DimReducer(method, normalize=normalize, random_state=0).fit(X)
    matrix, shift = reducer.to_affine()
    assert reducer.is_affine_
    assert matrix.shape == (6, 6)
    assert shift.shape == (6,)
    X_new = reducer.transform(X)
    assert X_new.dtype == dtype
    # What rounding can do: a few units in the last place of the terms of the sum.
    size = np.abs(X.astype(float)) @ np.abs(matrix).T + np.abs(shift)
    error = np.abs(X.astype(float) @ matrix.T + shift - X_new)
    assert np.all(error <= 50 * np.finfo(dtype).eps * size)


@pytest.mark.parametrize("method", EMBEDDINGS)
def test_embeddings_have_no_affine_map(method):
    reducer = _fit(method, _OK)
    assert not reducer.is_affine_
    with pytest.raises(ValueError, match=f"method='{method}' is not an affine map"):
        reducer.to_affine()


def test_the_affine_map_is_a_copy():
    reducer = _fit("pca", _OK)
    expected = reducer.transform(_OK)
    reducer.to_affine()[0][:] = 0
    assert_array_equal(reducer.transform(_OK), expected)


# Scales


@pytest.mark.parametrize("method", [*LEARNED, *EMBEDDINGS])
@pytest.mark.parametrize("normalize", [True, False])
def test_reduced_features_have_comparable_scales(method, normalize, sources):
    X = sources * [1e3, 1, 1, 1, 1, 1e-2]
    std = _fit(method, X, n_components=4, normalize=normalize).transform(X).std(axis=0)
    assert std.max() < 1.2
    assert std.min() >= (0.0999 if method in LEARNED else 0.8)


@pytest.mark.parametrize("method", METHODS)
def test_units_of_the_features_do_not_matter(method, sources):
    scaled = sources * [1e30, 1e-30, 1, 1e10, 1e-10, 1e150]
    reduced, expected = (_fit(method, X).transform(X) for X in (scaled, sources))
    assert_allclose(reduced, expected, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factor", [1e-150, 1e150])
def test_extreme_scales_without_normalisation(method, factor, sources):
    X = sources * factor
    assert np.isfinite(_fit(method, X, normalize=False).transform(X)).all()


def test_normalisation_has_the_training_bounds():
    reducer = DimReducer("passthrough").fit([[0, 5, 1], [10, 5, 3]])
    assert_allclose(reducer.transform([[5, 7, 4]]), [[0.5, 0, 1.5]])


# Degenerate data


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("method", METHODS)
def test_one_hot_features(method):
    """180 columns of which 45 follow from the others, and any number of equal distances."""
    X = np.eye(4)[np.random.RandomState(0).randint(4, size=(400, 45))].reshape(400, 180)
    reduced = _fit(method, X, **({} if method == "passthrough" else {"ratio": 4})).transform(X)
    assert np.isfinite(reduced).all()
    assert reduced.std(axis=0).min() > 0.09


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("method", METHODS)
def test_dna(method, dna):
    parameters = {} if method == "passthrough" else {"ratio": 2}
    reduced = DimReducer(method, random_state=1, **parameters).fit_transform(dna.data[:600])
    assert np.isfinite(reduced).all()
    assert reduced.std(axis=0).min() > 0.09


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("normalize", [True, False])
def test_nothing_but_constant_features(method, normalize):
    reduced = _fit(method, np.full((8, 3), 0.1), normalize=normalize).transform([[1, 2, 3]])
    assert np.isfinite(reduced).all()
    if normalize or method in (*LEARNED, *EMBEDDINGS):
        assert_array_equal(reduced, 0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("constant", [0, 0.1, 1e30])
def test_constant_features_are_ignored(method, constant, sources):
    X = np.c_[sources, np.full(300, constant)]
    other = np.c_[sources, np.linspace(-9, 9, 300)]
    reducer = _fit(method, X, **({} if method == "passthrough" else {"n_components": 3}))
    assert_array_equal(reducer.transform(other), reducer.transform(X))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_samples", [2, 3, 4])
def test_few_rows(method, n_samples):
    X = np.random.RandomState(n_samples).rand(n_samples, 5)
    reducer = _fit(method, X)
    assert reducer.transform(X).shape == (n_samples, 5 if method == "passthrough" else n_samples)
    assert np.isfinite(reducer.transform(X)).all()


@pytest.mark.parametrize("method", METHODS)
def test_one_feature(method):
    X = np.random.RandomState(0).laplace(size=(50, 1)) ** 3
    assert _fit(method, X).transform(X).std() > 0 or method == "sparse_rp"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("copies", [10, 20])
def test_duplicate_rows(method, copies, sources):
    X = np.repeat(sources[:12], copies, axis=0)
    reduced = _fit(method, X, n_components=2).transform(X)
    assert np.isfinite(reduced).all()
    assert_allclose(reduced.reshape(12, copies, -1).std(axis=1), 0, atol=1e-9)


# What scikit-learn expects


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype(method, dtype, sources):
    X = sources.astype(dtype)
    reduced = _fit(method, X).transform(X)
    assert reduced.dtype == dtype
    expected = _fit(method, X.astype(np.float64)).transform(X.astype(np.float64))
    assert_allclose(reduced, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["int", "bool", "frame", "list"])
def test_other_kinds_of_data(method, kind, sources):
    X = {
        "int": sources.astype(int),
        "bool": sources > 100,
        "frame": pd.DataFrame(sources, columns=[f"sensor {i}" for i in range(6)]),
        "list": sources.tolist(),
    }[kind]
    expected = _fit(method, np.asarray(X, dtype=np.float64), n_components=2)
    assert_array_equal(
        _fit(method, X, n_components=2).transform(X),
        expected.transform(np.asarray(X, dtype=np.float64)),
    )


@pytest.mark.parametrize("method", METHODS)
def test_fit_transform_and_single_rows(method, digits):
    parameters = {} if method == "passthrough" else {"ratio": 8}
    reducer = DimReducer(method, n_landmarks=300, random_state=0, **parameters)
    reduced = reducer.fit_transform(digits)
    assert_array_equal(clone(reducer).fit(digits).transform(digits), reduced)
    rows = [reducer.transform(digits[i : i + 1])[0] for i in range(20)]
    assert_allclose(rows, reduced[:20], atol=1e-9)


def test_blocks_of_rows(monkeypatch, sources):
    expected = _fit("pca", sources).transform(sources)
    monkeypatch.setattr("scann_sklearn.reduction._dim_reducer._ROWS", 7)
    assert_allclose(_fit("pca", sources).transform(sources), expected, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_random_state(method, sources):
    reducer = DimReducer(method, n_landmarks=50)
    if method != "passthrough":
        reducer.set_params(n_components=3)
    before = np.random.get_state()[1].copy()
    first, again, other, _ = (
        clone(reducer).set_params(random_state=seed).fit_transform(sources)
        for seed in (3, 3, 4, None)
    )
    assert_array_equal(np.random.get_state()[1], before)
    assert_array_equal(first, again)
    if method in {*PROJECTIONS, *EMBEDDINGS}:
        assert np.abs(first - other).max() > 0.01


def test_none_is_different_every_time(sources):
    one, other = (DimReducer("gaussian_rp").fit_transform(sources) for _ in range(2))
    assert np.abs(one - other).max() > 0.01


def test_a_random_state_instance_moves_on(sources):
    rng = np.random.RandomState(0)
    one, other = (
        DimReducer("gaussian_rp", random_state=rng).fit_transform(sources) for _ in range(2)
    )
    assert np.abs(one - other).max() > 0.01


def test_threads_do_not_disturb_each_other(sources):
    reducers = [DimReducer(method, random_state=0) for method in METHODS] * 2
    expected = [clone(reducer).fit_transform(sources) for reducer in reducers]
    actual = Parallel(n_jobs=4, prefer="threads")(
        delayed(clone(reducer).fit_transform)(sources)
        for reducer in reducers  # no one shared
    )
    for one, other in zip(actual, expected, strict=True):
        assert_allclose(one, other, atol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_names_and_data_frames(method, sources):
    X = pd.DataFrame(sources, columns=[f"sensor {i}" for i in range(6)])
    reducer = DimReducer(method, random_state=0).set_output(transform="pandas").fit(X)
    names = list(X.columns) if method == "passthrough" else [f"dimreducer{i}" for i in range(6)]
    assert_array_equal(reducer.get_feature_names_out(), names)
    reduced = reducer.transform(X)
    assert list(reduced.columns) == names
    with config_context(transform_output="pandas"):  # the classes underneath see it as well
        other = DimReducer(method, random_state=0).fit(X)
        pd.testing.assert_frame_equal(other.transform(X), reduced)
    with pytest.raises(ValueError, match="feature names should match"):
        reducer.transform(X.rename(columns={"sensor 1": "sensor 9"}))


@pytest.mark.parametrize("method", METHODS)
def test_pickle(method, sources):
    reducer = _fit(method, sources)
    copy = pickle.loads(pickle.dumps(reducer))
    assert_array_equal(copy.transform(sources), reducer.transform(sources))


def test_fit_again_with_another_method(sources):
    reducer = DimReducer("isomap", random_state=0, n_landmarks=20).fit(sources)
    assert reducer.n_landmarks_ == 20
    reducer.set_params(method="pca").fit(sources)
    assert reducer.n_landmarks_ is None
    assert_array_equal(reducer.transform(sources), _fit("pca", sources).transform(sources))
    reducer.set_params(method="isomap").fit(sources)
    assert not reducer.is_affine_


def test_progress_bar(sources, capsys):
    pipe = Pipeline([("scale", StandardScaler()), ("reduce", DimReducer())])
    pipe.set_callbacks(ProgressBar()).fit(sources)
    assert "DimReducer" in capsys.readouterr().out
    DimReducer().set_callbacks(ProgressBar()).fit(sources)


def _refused(function, *arguments):
    """Whether values are refused by their size; else the result has to be finite."""
    try:
        assert np.isfinite(function(*arguments)).all()
    except ValueError as error:
        if not re.search("of X runs from|can't reduce X within", str(error)):
            raise
        return True
    return False


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize(("dtype", "top"), [(np.float64, 1e308), (np.float32, 3e38)])
def test_values_near_the_largest_float(method, normalize, dtype, top):
    X = np.random.default_rng(0).normal(size=(60, 4))
    far = (np.sign(X) * top).astype(dtype)
    n_components = None if method == "passthrough" else 2
    reducer = DimReducer(method, n_components=n_components, normalize=normalize, random_state=0)
    refused = _refused(clone(reducer).fit_transform, far)
    assert refused or dtype is np.float32  # where the range of a feature is a float64
    _refused(reducer.fit(X).transform, far)
    assert not _refused(reducer.transform, X * 1e100)
