"""The largest of numbers without sorting them, against sorting them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scann_sklearn.network import _device_ranking, _dormant, _ranking
from scann_sklearn.network._device_ranking import as_tensor

from .._devices import DEVICE

DTYPES = st.sampled_from([np.float32, np.float64])
SPECIAL = [0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 1e30, np.inf, -np.inf, np.nan, -np.nan]
NUMBERS = st.one_of(st.sampled_from(SPECIAL), st.floats(width=32), st.integers(-3, 3).map(float))
LISTS = st.lists(NUMBERS, min_size=1, max_size=40)


@given(LISTS, DTYPES)
def test_keys_are_in_the_order_of_a_stable_sort(numbers, dtype):
    values = np.array(numbers, dtype)
    keys = _ranking.keys_of(values)
    assert (keys > 0).all()
    assert (keys < np.iinfo(keys.dtype).max).all()
    by_key = np.argsort(~keys, kind="stable")
    assert np.array_equal(by_key, np.argsort(-values, kind="stable"))
    for nan_is_largest in (False, True):
        expected = _ranking.keys_of(values, nan_is_largest=nan_is_largest)
        found = _device_ranking.keys_of(as_tensor(values, DEVICE), nan_is_largest=nan_is_largest)
        half = 2 ** (8 * expected.itemsize - 1)
        assert found.tolist() == [int(key) - half for key in expected]
    top = _ranking.keys_of(values, nan_is_largest=True)
    lost = np.isnan(values)
    assert (top[lost] == np.iinfo(top.dtype).max).all()
    assert np.array_equal(top[~lost], keys[~lost])


@given(LISTS, DTYPES, st.floats(0, 1))
def test_the_nth_largest(numbers, dtype, share):
    keys = _ranking.keys_of(np.array(numbers, dtype))
    n = 1 + round(share * (len(keys) - 1))
    found, n_equal = _ranking.nth_largest(keys, n)
    descending = np.sort(keys)[::-1]
    assert found == descending[n - 1]
    assert n_equal == np.sum(descending[:n] == found)
    in_tensors = _device_ranking.keys_of(as_tensor(np.array(numbers, dtype), DEVICE))
    half = 2 ** (8 * keys.itemsize - 1)
    assert _device_ranking.nth_largest(in_tensors, n) == (int(found) - half, n_equal)


@pytest.mark.parametrize("block", [1, 4, 2**22])
@given(LISTS, DTYPES, st.floats(0, 1), st.lists(st.integers(0, 40), max_size=4))
def test_the_first_of_equals_are_the_largest_of_blocks(block, numbers, dtype, share, cuts):
    values = np.abs(np.array(numbers, dtype))
    n = 1 + round(share * (len(values) - 1))
    blocks, begin = [], 0
    for part in np.split(values, sorted(cut for cut in cuts if cut < len(values))):
        blocks.append((begin, part))
        begin += len(part)
    sizes = np.where(np.isnan(values), np.inf, values)
    order = np.lexsort((np.arange(len(values)), ~np.isnan(values), -sizes))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_dormant, "_BLOCK", block)
        found = _dormant.largest(blocks, n, len(values))
    assert np.array_equal(found, np.sort(order[:n]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_device_ranking, "_ROOM", block)
        found = _device_ranking.largest([(i, as_tensor(p, DEVICE)) for i, p in blocks], n)
    assert np.array_equal(found, np.sort(order[:n]))
