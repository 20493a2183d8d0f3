"""Connections as distances: what they read, and what C makes of them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from scann_sklearn.export._c_gaps import Gaps
from scann_sklearn.export._c_source import SelfTest, c_source
from scann_sklearn.export._quantize import quantize_program
from scann_sklearn.model._program import Program
from tests.export._compilers import LANGUAGES, STRICT, TRAPS, run


def connections(rng, n_targets, n_positions, share):
    """Which positions each target reads."""
    rows = [np.flatnonzero(rng.random(n_positions) < share) for _ in range(n_targets)]
    indptr = np.append(0, np.cumsum([len(row) for row in rows]))
    return indptr, np.concatenate(rows)


def read(gaps):
    """Position and weight of each connection, as a loop finds them; those of weight 0 left out."""
    found = []
    for t in range(len(gaps.indptr) - 1):
        own = slice(gaps.indptr[t], gaps.indptr[t + 1])
        at = np.cumsum(gaps.gaps[own])
        kept = gaps.weights[own] != 0
        found.append((at[kept].tolist(), gaps.weights[own][kept].tolist()))
    return found


@settings(max_examples=80)
@given(st.integers(0, 2**32 - 1), st.integers(1, 2000), st.floats(0, 1), st.sampled_from([1, 2]))
def test_every_connection_is_found(seed, n_positions, share, weight_bytes):
    rng = np.random.default_rng(seed)
    indptr, positions = connections(rng, 5, n_positions, share**3)
    weights = rng.integers(1, 100, len(positions))
    gaps = Gaps.of(indptr, positions, weights)
    expected = [(positions[a:b].tolist(), weights[a:b].tolist()) for a, b in pairwise(indptr)]
    for one in (gaps, gaps.bridged(), gaps.smaller(weight_bytes)):
        assert read(one) == expected
    assert gaps.bridged().gaps.max(initial=0) <= 255
    size = {True: 1, False: 2}
    n_bytes = [
        len(g.gaps) * (size[g.gaps.max(initial=0) < 256] + weight_bytes)
        for g in (gaps, gaps.bridged(), gaps.smaller(weight_bytes))
    ]
    assert n_bytes[2] == min(n_bytes)


@pytest.mark.parametrize("share", [0.02, 0.3, 1.0])
@pytest.mark.parametrize("n_linear", [0, 4])
@pytest.mark.parametrize("bits", [8, 16])
def test_many_slots_in_c(tmp_path, bits, n_linear, share):
    """Sparse and full reductions; connections far apart and close."""
    rng = np.random.default_rng(0)
    n_features, n_hidden = 700, 9
    first = connections(rng, n_linear, n_features, share) if n_linear else (np.zeros(1, int), [])
    indptr, sources = list(first[0]), list(first[1])
    for t in range(n_hidden + 3):
        n_before = n_features + n_linear + min(t, n_hidden)
        sources += np.flatnonzero(rng.random(n_before) < 0.02).tolist()
        indptr.append(len(sources))
    program = Program(
        n_features=n_features,
        n_linear=n_linear,
        n_outputs=3,
        inputs=np.arange(n_features, dtype=np.int32),
        indptr=np.array(indptr, np.int32),
        sources=np.array(sources, np.int32),
        weights=rng.normal(size=len(sources)),
        biases=rng.normal(size=len(indptr) - 1),
        classes=np.arange(3),
    )
    X = rng.normal(size=(30, n_features))
    code = quantize_program(program, X, bits)
    rows = code.quantize(X)
    source = c_source(code, "net", "test", SelfTest(rows, code.outputs(rows), 0))
    assert source.is_dense == (n_linear > 0 and share > 0.9)
    assert "at += " in source.text
    (tmp_path / "net.h").write_text(source.text)
    options = (*LANGUAGES["zig"], "-O2", *STRICT, *TRAPS, "-DNET_SELF_TEST")
    run(*options, tmp_path / "net.h", "-o", tmp_path / "net")
    run(tmp_path / "net")
