"""Data sets with values to predict, split as their loaders say or at random by a seed."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
from sklearn.datasets import load_diabetes, make_friedman1, make_friedman2, make_friedman3
from sklearn.preprocessing import StandardScaler

from benchmarks._data import Parts
from scann_sklearn import datasets

# What tables and figures call them.
TITLES = {
    "diabetes": "Diabetes",
    "friedman1": "Friedman 1",
    "friedman2": "Friedman 2",
    "friedman3": "Friedman 3",
    "airfoil": "Airfoil",
    "gas_turbine": "Gas Turbine",
}
FETCHERS = {"airfoil": datasets.fetch_airfoil, "gas_turbine": datasets.fetch_gas_turbine}
# Drawn by the seed, with this standard deviation of the noise.
DRAWN = {
    "friedman1": (make_friedman1, 1.0),
    "friedman2": (make_friedman2, 125.0),
    "friedman3": (make_friedman3, 0.1),
}
N_DRAWN = 2000
MOST_TRAINING_ROWS = 6000


def load(name, seed):
    """Data set by name; what has no split of its own is split 60 / 20 / 20 by the seed.

    Parameters
    ----------
    name : str
        Name in `TITLES`.
    seed : int
        Draws Friedman's samples, the split where the loader has none, and, of larger data sets,
        the 6000 training rows that are used.

    Returns
    -------
    parts : Parts
        Inputs standardised by the training rows, as float32; targets as they are.
    """
    X, y, split = _whole(name, seed)
    split = _random_split(len(y), seed) if split is None else split.copy()
    rows, note = np.flatnonzero(split == "train"), ""
    if len(rows) > MOST_TRAINING_ROWS:
        dropped = np.random.default_rng(seed).permutation(rows)[MOST_TRAINING_ROWS:]
        split[dropped] = "unused"
        note = f"{MOST_TRAINING_ROWS} of {len(rows)} training rows"
    scaler = StandardScaler().fit(X[split == "train"])
    X = scaler.transform(X).astype(np.float32)
    parts = [split == part for part in ("train", "validation", "test")]
    return Parts(*(array for part in parts for array in (X[part], y[part])), note)


@cache
def digest(name, file=None):
    """First digits of the SHA-256 of a data set, of drawn ones that of seed 0.

    Parameters
    ----------
    name : str
        Data set.
    file : None
        There are no partial files.

    Returns
    -------
    digest : str
        16 hexadecimal digits.
    """
    found = hashlib.sha256()
    for array in _whole(name, 0)[:2]:
        # float32: a processor that rounds otherwise draws the same data
        array = np.ascontiguousarray(array, dtype=np.float32)
        found.update(repr(array.shape).encode())
        found.update(array.data.cast("B"))
    return found.hexdigest()[:16]


def _whole(name, seed):
    """Samples, targets and the split, None where there is none."""
    if name in DRAWN:
        draw, noise = DRAWN[name]
        return (*draw(N_DRAWN, noise=noise, random_state=seed), None)
    return _loaded(name)


@cache
def _loaded(name):
    if name == "diabetes":
        return (*load_diabetes(return_X_y=True), None)
    bunch = FETCHERS[name]()
    return bunch.data, bunch.target, bunch.split


def _random_split(n_samples, seed):
    """60 % for training, 20 % each for validation and for testing."""
    order, fifth = np.random.default_rng(seed).permutation(n_samples), n_samples // 5
    split = np.full(n_samples, "train", dtype="<U10")
    split[order[:fifth]], split[order[fifth : 2 * fifth]] = "test", "validation"
    return split
