"""Data larger than memory: written block by block, fitted and predicted as an array."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.datasets import to_memmap
from tests._optional import need
from tests.classifier._helpers import same_network, short

RNG = np.random.default_rng(0)
X = RNG.normal(size=(1000, 5)).astype(np.float32)
y = (X[:, 0] > X[:, 1]).astype(int)


@given(st.lists(st.integers(0, 7), min_size=1, max_size=5), st.sampled_from(["f4", "f8", "i2"]))
def test_it_is_what_the_blocks_are(tmp_path_factory, sizes, dtype):
    path = tmp_path_factory.mktemp("blocks") / "X.npy"
    blocks = [np.arange(3 * n).reshape(n, 3).astype(dtype) for n in sizes]
    mapped = to_memmap(iter(blocks), path)
    assert isinstance(mapped, np.memmap)
    assert mapped.dtype == dtype
    np.testing.assert_array_equal(mapped, np.concatenate(blocks))
    np.testing.assert_array_equal(np.load(path), mapped)


def test_one_dimension_and_another_type(tmp_path):
    mapped = to_memmap([[1, 2], [3]], tmp_path / "y.npy", dtype=np.float32)
    assert mapped.tolist() == [1, 2, 3]
    assert mapped.dtype == np.float32


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([], "no blocks"),
        ([X, X[:, :4]], r"Block 1 has shape \(1000, 4\), the first one rows of shape \(5,\)"),
        ([["a"]], "Block 0 has shape"),
        ([X[None]], r"Block 0 has shape \(1, 1000, 5\)"),
    ],
)
def test_what_is_refused_leaves_the_older_file(tmp_path, blocks, message):
    path = tmp_path / "X.npy"
    to_memmap([X], path)
    with pytest.raises(ValueError, match=message):
        to_memmap(blocks, path)
    np.testing.assert_array_equal(np.load(path), X)
    assert [file.name for file in tmp_path.iterdir()] == ["X.npy"]


def test_a_dask_array(tmp_path):
    need("distributed")
    import dask.array as da

    lazy = da.from_array(X, chunks=(300, 2))
    mapped = to_memmap(lazy, tmp_path / "X.npy")
    np.testing.assert_array_equal(mapped, X)
    plain = short(n_connections=12).fit(X, y)
    assert same_network(short(n_connections=12).fit(lazy, y), plain)  # is read as a whole


def test_a_fit_and_a_prediction(tmp_path):
    mapped = to_memmap(np.array_split(X, 7), tmp_path / "X.npy")
    fitted = short(n_connections=12).fit(mapped, y)
    assert same_network(fitted, short(n_connections=12).fit(X, y))
    np.testing.assert_array_equal(fitted.predict(mapped), fitted.predict(X))
    fitted.predict_proba(mapped[:10])

    large = to_memmap((X for _ in range(400)), tmp_path / "large.npy")
    tracemalloc.start()
    try:
        fitted.predict(large)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    n_answers = len(large) * (8 + 8 + 4 * 8)  # classes and what they are made of
    assert peak < n_answers + large.nbytes / 4


@pytest.mark.parametrize(
    ("blocks", "dtype", "value"),
    [
        ([np.ones(3, np.int8), np.array([1, 300, 400])], None, 300),
        ([np.array([1.0, -1e300])], np.float32, -1e300),
        ([np.array([2**60, 1])], np.float16, 2**60),
    ],
)
def test_what_the_dtype_cant_hold_is_refused(tmp_path, blocks, dtype, value):
    with pytest.raises(ValueError, match=f"holds {re.escape(str(value))}, which .* can't hold"):
        to_memmap(blocks, tmp_path / "y.npy", dtype=dtype)
    assert not list(tmp_path.iterdir())


def test_infinity_and_nan_are_held(tmp_path):
    values = np.array([np.inf, -np.inf, np.nan, 1.5])
    mapped = to_memmap([values], tmp_path / "y.npy", dtype=np.float32)
    np.testing.assert_array_equal(mapped, values)
