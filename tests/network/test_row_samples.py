"""Rows that are read block by block are the rows; large arrays of mapped ones are on the disk."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import tempfile
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.datasets import to_memmap
from scann_sklearn.network import _row_samples
from scann_sklearn.network._row_samples import RowSamples, blocks_of, empty, is_mapped, taken
from scann_sklearn.network._samples import DenseSamples, as_samples
from tests._disk import full_disk

from ._nets import networks


@pytest.fixture(scope="module")
def few_at_once():
    """Blocks of few rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_row_samples, "_AT_ONCE", 40)
        yield


@given(networks(), st.integers(0, 2**16), st.integers(1, 150))
def test_they_are_the_rows(few_at_once, network, seed, n_samples):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples + 20, network.n_inputs)).astype(network.weight.dtype)
    rows = rng.permutation(len(X))[:n_samples]
    samples, dense = RowSamples(X, rows), DenseSamples(X[rows])
    assert as_samples(samples) is samples
    assert (samples.shape, samples.dtype, len(samples)) == (dense.shape, dense.dtype, len(dense))
    np.testing.assert_array_equal(samples.dense(), dense.X)
    np.testing.assert_array_equal(samples.bounds(), dense.bounds())
    some = rng.permutation(n_samples)[: n_samples // 2]
    np.testing.assert_array_equal(samples.take(some).dense(), dense.X[some])
    np.testing.assert_array_equal(samples.dense(some), dense.X[some])
    np.testing.assert_array_equal(samples.outputs(network), dense.outputs(network))
    for a, b in (
        (samples.hidden_activations(network), dense.hidden_activations(network)),
        (samples.inputs(network.topology)[1], dense.inputs(network.topology)[1]),
    ):
        np.testing.assert_array_equal(a, b)
    blocks = [block for _, block in blocks_of(samples)]
    assert len(blocks) > 1 or X.shape[1] == 1 or X[rows].size <= 40
    np.testing.assert_array_equal(np.concatenate(blocks), dense.X)


def test_what_is_mapped(tmp_path):
    X = np.arange(12.0).reshape(4, 3)
    mapped = to_memmap([X], tmp_path / "X.npy")
    assert is_mapped(mapped)
    assert is_mapped(np.asarray(mapped)[1:])
    assert is_mapped(RowSamples(np.asarray(mapped), np.arange(2)))
    assert not is_mapped(X[1:])
    assert not is_mapped(mapped.copy())


def test_large_arrays_of_mapped_ones_are_in_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(_row_samples, "_IN_MEMORY", 1000)
    monkeypatch.setattr(_row_samples, "_AT_ONCE", 500)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    X = np.random.default_rng(0).normal(size=(20_000, 10))
    mapped = to_memmap([X], tmp_path / "X.npy")
    rows = np.random.default_rng(1).permutation(len(X))[:15_000]
    assert is_mapped(empty((100, 10), X.dtype, mapped))
    assert not is_mapped(empty((100, 10), X.dtype, X))
    assert not is_mapped(empty((10, 10), X.dtype, mapped))
    tracemalloc.start()
    try:
        found = taken(mapped, rows)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000  # the rows take a million
    assert is_mapped(found)
    assert found.flags.writeable
    assert found.flags.carray
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, X[rows])
    if os.name == "posix":  # a file without a name
        assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="others have no limit of files")
def test_a_full_disk_is_an_error_that_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(_row_samples, "_IN_MEMORY", 1000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    mapped = to_memmap([np.zeros((2, 3))], tmp_path / "X.npy")
    with full_disk(10_000), pytest.raises(OSError, match=f"0.8 GB .* {tmp_path}.*TMPDIR"):
        empty((100_000, 1000), mapped.dtype, mapped)
