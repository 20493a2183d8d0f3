"""The fits of a search that have ended, in a file: a search that was killed goes on from there."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from scann_sklearn.model_selection._trials import Trial
from scann_sklearn.resume._file import ResumeFile, damaged
from scann_sklearn.resume._identity import identity_of, name_of

# What changes no result, or is looked at when it is over.
_NO_PART_OF_IT = {"checkpoint", "verbose", "n_jobs", "pre_dispatch", "time_budget", "warm_start"}


@dataclass
class KeptFits:
    """What scikit-learn has returned of fits, by number of candidate and split.

    Candidates are proposed again when a search goes on: what comes next depends on what was
    found, and on random numbers that are kept.

    Parameters
    ----------
    file : ResumeFile, default=None
        Where they are kept; None: nowhere.
    """

    file: ResumeFile | None = None
    fits: dict[str, list] = field(default_factory=dict)
    seed: list[int] | None = None
    splits: list | None = None
    seconds_before: float = 0.0
    n_known: int = 0  # candidates some fit of which had ended

    def __post_init__(self) -> None:
        if self.file is None or self.file.content is None:
            return
        content = self.file.content
        try:
            self.fits = {str(k): [str(d), dict(out)] for k, (d, out) in content["fits"].items()}
            self.seed = [int(number) for number in content["seed"]]
            self.splits = [(train, test) for train, test in content["splits"]]
            self.n_known = 1 + max((int(key.split()[0]) for key in self.fits), default=-1)
        except Exception as error:  # whatever damaged values lead to
            raise damaged(self.file.path, error) from error
        self.seconds_before = self.file.seconds_before

    def begin(self, seed: list[int], splits: list, verbose: int) -> None:
        """Keep what all rounds share, and say what is gone on from.

        Parameters
        ----------
        seed : list of int
            What random numbers are made of; empty where there are none.
        splits : list
            Training and test rows.
        verbose : int
            Whether to say it.
        """
        self._shared: dict[str, Any] = {"seed": seed, "splits": [list(split) for split in splits]}
        self._n_bytes = sum(np.asarray(rows).nbytes for split in splits for rows in split)
        if self.file is not None and self.fits and verbose:
            print(f"{len(self.fits)} fits: resumed from {self.file.path}", flush=True)

    def recall(self, batch: list[Trial], first: int) -> None:
        """Fill in the fits of a batch that have ended before.

        Parameters
        ----------
        batch : list of Trial
            Candidates.
        first : int
            Number of the first of them.
        """
        for number, trial in enumerate(batch, first):
            for split in range(len(self._shared["splits"])):
                digest, out = self.fits.get(f"{number} {split}", ("", None))
                if out is not None and digest == _digest(trial):
                    trial.outs.setdefault(split, out)

    def note(self, number: int, trial: Trial, split: int, out: dict) -> None:
        """Keep a fit that has ended."""
        if self.file is None:
            return
        self.fits[f"{number} {split}"] = [_digest(trial), _plain(out)]
        tree = {**self._shared, "fits": dict(self.fits)}
        self.file.offer(lambda: tree, self._n_bytes + 1000 * len(self.fits))


@contextmanager
def kept_fits(search: Any, X: Any, y: Any, params: dict[str, Any]) -> Iterator[KeptFits]:
    """Keep the fits of a search in the file that `checkpoint` means, until it has ended.

    Parameters
    ----------
    search : estimator
        Its parameters are valid.
    X, y : array-like
        All samples.
    params : dict
        What else its `fit` got.

    Yields
    ------
    kept : KeptFits
        One that keeps nothing where `checkpoint` is None.
    """
    if search.checkpoint is None:
        yield KeptFits()
        return
    given = search.get_params(deep=False)
    values = {name: value for name, value in given.items() if name not in _NO_PART_OF_IT}
    values |= {"search": type(search), "X": _as_array(X), "y": _as_array(y)}
    values["fit parameters"] = {name: _as_array(value) for name, value in params.items()}
    refusal = f"checkpoint={search.checkpoint!r} can't be used:"
    file = ResumeFile.open(search.checkpoint, identity_of(values, refusal))
    with file.in_use():
        yield KeptFits(file)


def _digest(trial: Trial) -> str:
    return name_of(identity_of({"params": trial.params}, "A candidate can't be kept:"))


def _as_array(data: Any) -> Any:
    """Tables and columns as arrays, with the names of the columns; the rest as it is."""
    if hasattr(data, "columns") and hasattr(data, "dtypes"):
        return [[str(name) for name in data.columns], np.asarray(data)]
    if hasattr(data, "__array__") and not isinstance(data, np.ndarray):
        return np.asarray(data)
    return data


def _plain(out: dict) -> dict[str, Any]:
    """What scikit-learn has returned, of Python's own numbers."""

    def plain(value) -> Any:
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        if value is None or isinstance(value, str | bool | int):
            return value
        return int(value) if isinstance(value, np.integer) else float(value)

    return {name: plain(value) for name, value in out.items()}
