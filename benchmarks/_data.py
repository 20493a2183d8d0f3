"""The data sets of the benchmarks, split as their loaders say."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scann_sklearn import datasets

FETCHERS = {
    "pendigits": datasets.fetch_pendigits,
    "satimage": datasets.fetch_satimage,
    "dna": datasets.fetch_dna,
    "letter": datasets.fetch_letter,
    "musk": datasets.fetch_musk,
    "seizure": datasets.fetch_epileptic_seizure,
}


class Parts(NamedTuple):
    """Training, validation and test data."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray

    @property
    def X_official(self):
        """Everything but the test data."""
        return np.concatenate([self.X_train, self.X_val])

    @property
    def y_official(self):
        """Labels of everything but the test data."""
        return np.concatenate([self.y_train, self.y_val])


def load(name, dtype=np.float32):
    """Data set by name, from SCANN_DATA_HOME or the download cache."""
    bunch = FETCHERS[name]()
    X, y = bunch.data.astype(dtype), bunch.target
    parts = (bunch.split == part for part in ("train", "validation", "test"))
    return Parts(*(array for rows in parts for array in (X[rows], y[rows])))
