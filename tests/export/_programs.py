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
