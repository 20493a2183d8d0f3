"""The data sets of the benchmarks, split as their loaders say or drawn again by a seed."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from scann_sklearn import datasets

FETCHERS = {
    "sensorless": datasets.fetch_sensorless_drive,
    "har": datasets.fetch_har,
    "musk": datasets.fetch_musk,
    "pendigits": datasets.fetch_pendigits,
    "satimage": datasets.fetch_satimage,
    "letter": datasets.fetch_letter,
    "seizure": datasets.fetch_epileptic_seizure,
    "transitions": datasets.fetch_smartphone_har_transitions,
    "dna": datasets.fetch_dna,
}
# What tables and figures call them, in the order of the paper.
TITLES = {
    "sensorless": "Sensorless Drive",
    "har": "HAR",
    "musk": "Musk v2",
    "pendigits": "Pendigits",
    "satimage": "SatIm",
    "letter": "Letter",
    "seizure": "Seizure",
    "transitions": "Transitions (SHAR)",
    "dna": "DNA",
    "digits": "digits",
}
# Data sets that a partial file can be given for.
PARTIAL = ("sensorless", "har")
_SUBJECTS_TEST, _SUBJECTS_VALIDATION = 6, 4


class Parts(NamedTuple):
    """Training, validation and test data."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_val: np.ndarray
    y_val: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    note: str = ""

    @property
    def X_official(self):
        """Everything but the test data."""
        return np.concatenate([self.X_train, self.X_val])

    @property
    def y_official(self):
        """Labels of everything but the test data."""
        return np.concatenate([self.y_train, self.y_val])


def load(name, seed=None, file=None):
    """Data set by name, from SCANN_DATA_HOME, the download cache or a partial file.

    Parameters
    ----------
    name : str
        Name in `FETCHERS`, "mnist", or "digits": those of scikit-learn, which need no file.
    seed : int, default=None
        Draws training and validation part again, in the sizes of the loader's; the test part stays
        the same. None: the loader's parts.
    file : str, default=None
        For "sensorless": a file with a part of its rows. For "har": the folder that holds the
        complete folder ``train``; test subjects are then taken from it.

    Returns
    -------
    parts : Parts
        The data as float32; `note` says what is special about them.
    """
    X, y, split, groups, note = _whole(name, file)
    if seed is not None:
        split = _draw_again(split, y, groups if name == "har" and file else None, seed)
    rows = [split == part for part in ("train", "validation", "test")]
    return Parts(*(array for part in rows for array in (X[part], y[part])), note)


@cache
def digest(name, file=None):
    """First digits of the SHA-256 of a data set's samples and labels, whatever its files are like.

    Parameters
    ----------
    name, file
        As for `load`.

    Returns
    -------
    digest : str
        16 hexadecimal digits.
    """
    X, y, *_ = _whole(name, file)
    found = hashlib.sha256(repr((X.shape, X.dtype.str, y.dtype.str)).encode())
    for array in (X, y):
        found.update(
            np.ascontiguousarray(array).data.cast("B")
            if array.dtype.kind != "U"
            else "\n".join(array).encode()
        )
    return found.hexdigest()[:16]


def ready(names, files=None, records=(), digest_of=digest):
    """Data sets that can be used here; of the others it is printed why not.

    Parameters
    ----------
    names : list of str
        Data sets.
    files : dict of str to str, default=None
        Partial files by data set.
    records : sequence of Records, default=()
        Where results go: data sets that they have records of other data of can't be used.
    digest_of : callable, default=digest
        Digest of a data set by its name and file.

    Returns
    -------
    names : list of str
        Those that can be used.
    """
    found, files = [], files or {}
    for name in names:
        try:
            sha256 = digest_of(name, files.get(name))
            for file in records:
                file.check(name, sha256)
        except (OSError, ValueError) as error:
            hint = " (a partial file is given by --file)" * (name in PARTIAL and name not in files)
            print(f"{name} is left out{hint}: {error}", file=sys.stderr)
        else:
            found.append(name)
    return found


@cache
def _whole(name, file):
    """Samples, labels, split, groups and what is special."""
    if name == "digits":
        X, y = load_digits(return_X_y=True)
        return X.astype(np.float32), y, _random_split(y), None, ""
    if name == "mnist":
        bunch = datasets.fetch_mnist()
        data = (bunch.data / np.float32(255)).astype(np.float32)
        return data, bunch.target, bunch.split, None, ""
    if file is None:
        bunch = FETCHERS[name]()
        data = bunch.data.astype(np.float32)
        return data, bunch.target, bunch.split, bunch.get("groups"), ""
    if name == "sensorless":
        X, y = datasets.read_sensorless_drive(file)
        return X.astype(np.float32), y, _random_split(y), None, f"subset of {len(y)} rows"
    if name == "har":
        names = ("X_train.txt", "y_train.txt", "subject_train.txt")
        X, y, subjects = datasets.read_har(*(_there(Path(file) / "train" / n) for n in names))
        order = np.random.default_rng(0).permutation(np.unique(subjects))
        split = np.full(len(y), "train", dtype="<U10")
        split[np.isin(subjects, order[:_SUBJECTS_TEST])] = "test"
        n_held = _SUBJECTS_TEST + _SUBJECTS_VALIDATION
        split[np.isin(subjects, order[_SUBJECTS_TEST:n_held])] = "validation"
        return X.astype(np.float32), y, split, subjects, "subject-wise split of the training file"
    raise ValueError(f"A partial file can be given for 'sensorless' and 'har', not for {name!r}.")


def _random_split(y):
    """60 % for training, 20 % each for validation and for testing, stratified."""
    rest, test = train_test_split(np.arange(len(y)), test_size=0.2, stratify=y, random_state=0)
    _, validation = train_test_split(rest, test_size=0.25, stratify=y[rest], random_state=0)
    split = np.full(len(y), "train", dtype="<U10")
    split[test], split[validation] = "test", "validation"
    return split


def _there(path):
    """The file itself, or compressed."""
    return path if path.exists() else path.with_name(path.name + ".gz")


def _draw_again(split, y, groups, seed):
    """Other training and validation rows, in whole groups where there are any."""
    split, rest = split.copy(), np.flatnonzero(split != "test")
    n_validation = int((split == "validation").sum())
    split[rest] = "train"
    if groups is None:
        _, chosen = train_test_split(
            rest, test_size=n_validation, stratify=y[rest], random_state=seed
        )
    else:
        order = np.random.default_rng(seed + 1).permutation(np.unique(groups[rest]))
        chosen = rest[np.isin(groups[rest], order[:_SUBJECTS_VALIDATION])]
    split[chosen] = "validation"
    return split
