"""Random programs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.model._program import Program


def random_program(rng, n_outputs=None):
    """A program of random shape: linear rows, skip connections, rows without any connection."""
    n_features = int(rng.integers(1, 9))
    inputs = np.flatnonzero(rng.random(n_features) < 0.7).astype(np.int32)
    n_linear, n_hidden = int(rng.integers(0, 4)), int(rng.integers(0, 8))
    n_outputs = int(rng.choice([1, 3, 4])) if n_outputs is None else n_outputs
    density = rng.random()
    indptr, sources = [0], []
    for t in range(n_linear + n_hidden + n_outputs):
        n_before = len(inputs) + (0 if t < n_linear else min(t, n_linear + n_hidden))
        chosen = np.flatnonzero(rng.random(n_before) < density)
        sources.extend(chosen)
        indptr.append(len(sources))
    scales = 10.0 ** rng.uniform(-2, 2, len(indptr) - 1)
    return Program(
        n_features=n_features,
        n_linear=n_linear,
        n_outputs=n_outputs,
        inputs=inputs,
        indptr=np.array(indptr, np.int32),
        sources=np.array(sources, np.int32),
        weights=rng.normal(size=len(sources)) * np.repeat(scales, np.diff(indptr)),
        biases=rng.normal(size=len(indptr) - 1) * scales,
        classes=np.arange(2 if n_outputs == 1 else n_outputs),
    )


def random_exits(rng, n_classes=None, takes_mean=None, n_exits=None):
    """A program with early exits: of any sizes, some sections empty, thresholds from 0 to 1.

    Of some all samples leave at the last exit, which may be the only one.
    """
    n_classes = int(rng.choice([2, 3, 7, 40])) if n_classes is None else n_classes
    takes_mean = bool(rng.integers(2)) if takes_mean is None else takes_mean
    n_inputs, n_linear = (int(rng.integers(*ends)) for ends in ((1, 9), (0, 3)))
    n_exits = int(rng.integers(1 + takes_mean, 5)) if n_exits is None else n_exits
    ends = np.sort(rng.integers(0, 12, n_exits))
    n_before, size = n_inputs + n_linear, 1 if n_classes == 2 else n_classes
    reads = [np.full(n_linear, n_inputs), n_before + np.arange(ends[-1])]
    reads = np.concatenate([*reads, np.repeat(n_before + ends, size)])
    rows = [np.flatnonzero(rng.random(n) < 0.4) for n in reads]
    indptr = np.append(0, np.cumsum([len(row) for row in rows]))
    thresholds = rng.choice([0, 0.3, 0.5, 0.7, 0.9, 0.999, 1], n_exits - 1)
    return Program(
        n_features=n_inputs + 2,
        n_linear=n_linear,
        n_outputs=n_exits * size,
        inputs=np.arange(n_inputs, dtype=np.int32),
        indptr=indptr.astype(np.int32),
        sources=np.concatenate(rows).astype(np.int32),
        weights=rng.normal(size=indptr[-1]) * rng.choice([0.1, 1, 4]),
        biases=rng.normal(size=len(rows)),
        classes=np.arange(n_classes),
        exits=ends.astype(np.int32),
        thresholds=np.append(thresholds, [] if takes_mean else 0.0),
    )
