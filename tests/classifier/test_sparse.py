"""A sparse X: the network is that of the dense one, and X never becomes dense."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.sparse import csc_array, csc_matrix, csr_array, csr_matrix, random_array
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from scann_sklearn import SchemeB
from tests.classifier._helpers import same_network, short
from tests.regressor._helpers import short_regressor


def problem(seed=0, n_samples=200, n_features=30, density=0.15, dtype=float, n_classes=3):
    """Sparse samples whose first features tell their class."""
    rng = np.random.default_rng(seed)
    X = random_array((n_samples, n_features), density=density, random_state=rng, format="csr")
    X.indices, X.indptr = X.indices.astype(np.int32), X.indptr.astype(np.int32)  # of SciPy 1.13
    X.data = (X.data + 0.3).astype(dtype)
    half = n_features // 2
    y = (X[:, :half].toarray() @ rng.normal(size=(half, n_classes))).argmax(axis=1)
    y[:n_classes] = range(n_classes)
    return X, y


def assert_same(a, b, X, rtol=1e-5):
    """Up to rounding; on most processors bit by bit."""
    assert [p.n_connections for p in a.path_] == [p.n_connections for p in b.path_]
    np.testing.assert_allclose(a.feature_deviations_, b.feature_deviations_, rtol=rtol)
    outputs = a.decision_function if hasattr(a, "decision_function") else a.predict
    others = b.decision_function if hasattr(b, "decision_function") else b.predict
    np.testing.assert_allclose(outputs(X), others(X.toarray()), rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("input_scaling", ["standard", "robust", "range", None])
@pytest.mark.parametrize("engine", ["compiled", "torch"])
@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
def test_the_network_is_that_of_the_dense_x(scheme, engine, input_scaling, dtype):
    X, y = problem(dtype=dtype, density=0.4)
    model = short(scheme, engine=engine, input_scaling=input_scaling, n_connections=60)
    of_dense = model.fit(X.toarray(), y)
    of_sparse = short(scheme, engine=engine, input_scaling=input_scaling, n_connections=60)
    of_sparse.fit(X, y)
    assert of_sparse.weights_.dtype == dtype
    assert_same(of_sparse, of_dense, X)


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber"])
def test_regression(loss):
    X, y = problem()
    targets = np.column_stack([X[:, [0]].toarray()[:, 0], y])
    parameters = {"loss": loss, "n_connections": 50}
    of_sparse = short_regressor(**parameters).fit(X, targets)
    assert_same(of_sparse, short_regressor(**parameters).fit(X.toarray(), targets), X)
    assert of_sparse.score(X, targets) == of_sparse.score(X.toarray(), targets)


@settings(max_examples=15)
@given(
    st.integers(0, 1000),
    st.integers(20, 90),
    st.integers(2, 12),
    st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    st.sampled_from(["standard", "robust", "range", None]),
    st.booleans(),
)
def test_random_matrices(seed, n_samples, n_features, density, input_scaling, weighted):
    X, y = problem(seed, n_samples, n_features, density)
    weight = np.random.default_rng(seed).integers(0, 3, n_samples) if weighted else None
    if weighted:
        weight[:6] = 1
    scheme = SchemeB(initial_epochs=2, epochs=1, iterations=1, path_iterations=1)
    parameters = {"input_scaling": input_scaling, "n_connections": 1.0}
    models = [short(**parameters).set_params(scheme=scheme) for _ in range(2)]
    for model, data in zip(models, (X, X.toarray()), strict=True):
        model.fit(data, y, sample_weight=weight)
    found, expected = models[0].predict_proba(X), models[1].predict_proba(X.toarray())
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.fixture(scope="module")
def fitted():
    X, y = problem()
    return short(n_connections=60).fit(X, y)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil", "dok", "bsr"])
def test_formats(form, fitted):
    X, y = problem()
    given = X.asformat(form)
    assert same_network(short(n_connections=60).fit(given, y), fitted)
    for method in (fitted.predict, fitted.predict_proba, fitted.decision_function):
        assert np.array_equal(method(given), method(X.toarray()))
    assert fitted.score(given, y) == fitted.score(X.toarray(), y)


def untidy(X):
    """The same matrix with duplicates, explicit zeros and unsorted, wide indices."""
    data, indices, indptr = [], [], [0]
    for r in range(X.shape[0]):
        row = slice(X.indptr[r], X.indptr[r + 1])
        data += [*X.data[row][::-1] / 2, *X.data[row] / 2, 0.0]
        indices += [*X.indices[row][::-1], *X.indices[row], 1]
        indptr.append(len(data))
    parts = np.array(data), np.array(indices, np.int64), np.array(indptr, np.int64)
    return csr_matrix(parts, shape=X.shape)


def test_untidy_matrices_are_taken_and_left_alone(fitted):
    X, y = problem()
    given = untidy(X)
    before = [array.copy() for array in (given.data, given.indices, given.indptr)]
    for array in (given.data, given.indices, given.indptr):
        array.flags.writeable = False
    assert same_network(short(n_connections=60).fit(given, y), fitted)
    assert np.array_equal(fitted.predict_proba(given), fitted.predict_proba(X))
    for array, old in zip((given.data, given.indices, given.indptr), before, strict=True):
        assert np.array_equal(array, old)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, bool])
def test_integers_are_numbers(dtype):
    X, y = problem()
    X = csr_array(((10 * X.data).astype(dtype), X.indices, X.indptr), shape=X.shape)
    of_sparse, of_dense = (short(n_connections=60).fit(data, y) for data in (X, X.toarray()))
    assert_same(of_sparse, of_dense, X)


def test_empty_rows_and_columns():
    X, y = problem()
    keep = np.arange(X.shape[0])[:, None] % 3 * (np.arange(X.shape[1]) % 4) > 0
    X = csr_array(X.toarray() * keep)
    of_sparse, of_dense = (short(n_connections=60).fit(data, y) for data in (X, X.toarray()))
    assert_same(of_sparse, of_dense, X)
    assert (of_sparse.feature_deviations_ == 0).sum() >= X.shape[1] // 4


def test_validation_data_weights_and_warm_start():
    X, y = problem()
    weight = np.random.default_rng(0).integers(0, 3, len(y))
    weight[:6] = 1
    models = [short(n_connections=60, warm_start=True, early_stopping=True) for _ in range(2)]
    for model, form in zip(models, (csc_array, lambda X: X.toarray()), strict=True):
        data = {"X_val": form(X[150:]), "y_val": y[150:], "sample_weight_val": weight[150:] + 1}
        for _ in range(2):
            model.fit(form(X[:150]), y[:150], weight[:150], **data)
    assert_same(*models, X)


def test_without_a_split_all_is_validated():
    X, y = problem(n_samples=40)
    of_sparse, of_dense = (short(n_connections=60).fit(data, y) for data in (X, X.toarray()))
    assert_same(of_sparse, of_dense, X)


SEEN = []


class Watched(LogisticRegression):
    """Notes what it was given."""

    def fit(self, X, y, sample_weight=None):
        SEEN.append(X)
        return super().fit(X, y, sample_weight)


@pytest.mark.parametrize("form", [csr_array, csr_matrix])
def test_teacher_gets_the_sparse_x(form):
    X, y = problem()
    teacher = FrozenEstimator(Watched().fit(X, y))
    models = [short(n_connections=60, teacher=teacher).fit(data, y) for data in (X, X.toarray())]
    assert_same(*models, X)
    short(n_connections=60, teacher=Watched()).fit(form(X), y)
    assert type(SEEN.pop()) is form


def test_several_labels():
    X, _ = problem()
    Y = (X[:, :3].toarray() > 0).astype(int)
    forest = RandomForestClassifier(5, random_state=0)
    for parameters in ({}, {"teacher": forest}):
        fits = [short(n_connections=60, **parameters).fit(data, Y) for data in (X, X.toarray())]
        assert_same(*fits, X)


def test_text_in_a_pipeline():
    texts = ["cheap pills now", "buy cheap now", "see you at lunch", "lunch at noon"] * 10
    y = [1, 1, 0, 0] * 10
    model = make_pipeline(CountVectorizer(), short()).fit(texts, y)
    X = model[0].transform(texts).toarray().astype(float)
    assert np.array_equal(model.predict(texts), short().fit(X, y).predict(X))


@pytest.mark.parametrize(("value", "name"), [(np.nan, "NaN"), (np.inf, "infinity")])
def test_not_finite(value, name, fitted):
    X, y = problem()
    bad = X.copy()
    bad.data[3] = value
    with pytest.raises(ValueError, match=f"X contains {name}"):
        short().fit(bad, y)
    with pytest.raises(ValueError, match=f"X contains {name}"):
        fitted.predict(bad)
    with pytest.raises(ValueError, match=f"X_val contains {name}"):
        short().fit(X, y, X_val=bad, y_val=y)


def test_other_errors(fitted):
    X, y = problem()
    with pytest.raises(ValueError, match="X has 29 features, .* expecting 30"):
        fitted.predict(X[:, :29])
    with pytest.raises(ValueError, match="X_val has 29 features, but X has 30"):
        short().fit(X, y, X_val=X[:, :29], y_val=y)
    with pytest.raises(ValueError, match="X_val has 200 samples, but y_val has 10"):
        short().fit(X, y, X_val=X, y_val=y[:10])
    with pytest.raises(ValueError, match="Complex data not supported"):
        short().fit(X.astype(complex), y)
    huge = csr_array((np.full(2, 1.7e308), [0, 0], np.append(0, np.full(200, 2))), shape=X.shape)
    with pytest.raises(ValueError, match="X has duplicate entries that add up to inf"):
        short().fit(huge, y)


@pytest.mark.parametrize("change", [30, -1])
def test_indices_out_of_range_are_no_crash(change, fitted):
    X, y = problem()
    X.indices[5] = change
    for use in (lambda: short().fit(X, y), lambda: fitted.predict(X)):
        with pytest.raises(ValueError, match="ind"):
            use()


def test_a_feature_that_can_t_be_scaled():
    X, y = problem(dtype=np.float32)
    X.data[0] = 1e-42
    column = X.indices[0]
    X = csr_array((X.data * (X.indices != column) + X.data[0], X.indices, X.indptr), shape=X.shape)
    for data in (X, X.toarray()):
        with pytest.raises(ValueError, match=f"Feature {column} of X varies by"):
            short().fit(data, y)


@pytest.mark.parametrize("form", [csr_array, csc_matrix])
@pytest.mark.parametrize(
    ("engine", "input_scaling"),
    [("compiled", "standard"), ("compiled", "robust"), ("torch", "standard")],
)
def test_memory(engine, input_scaling, form):
    X, y = problem(n_samples=12_000, n_features=1500, density=0.012, n_classes=2)
    X = form(X)
    parameters = {"hidden_layer_sizes": (2,), "engine": engine, "input_scaling": input_scaling}
    # to the bound at once, since tracing is slow
    scheme = SchemeB(initial_epochs=1, epochs=1, iterations=1, pruning_ratio=None)
    model = short(n_connections=60, **parameters).set_params(scheme=scheme)
    model.fit(X[:300], y[:300])  # what is compiled or imported first doesn't count
    size = X.data.nbytes + X.indices.nbytes + X.indptr.nbytes
    batch, dense = 128 * X.shape[1] * 8, X.shape[0] * X.shape[1] * 8
    network = 20 * 2 * X.shape[1] * 8  # moments, gradients, checkpoints
    vectors = 10 * X.shape[0] * 8  # y, weights, orders
    assert dense > 50 * size
    tracemalloc.start()
    try:
        model.fit(X, y)
        fit_peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        model.predict(X)
        predict_peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert fit_peak < 2 * size + batch + network + vectors
    assert predict_peak < (size if form is csr_array else 2 * size) + batch
