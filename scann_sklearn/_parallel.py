"""Jobs at the same time, on whatever backend joblib has, each result as soon as it is there."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from itertools import islice
from typing import Any, Self

from joblib import effective_n_jobs
from joblib.parallel import get_active_backend
from sklearn.utils.parallel import Parallel

_JOBS_AT_ONCE = 4  # per worker, where results come together


class ParallelAsEnded:
    """Carries out jobs, and gives their results in the order in which they end.

    Backends that give results only when all jobs have ended, such as that of Ray, get
    4 jobs per worker at a time: an interruption loses these, not all.

    Parameters
    ----------
    n_jobs : int or None
        As for ``joblib.Parallel``.
    pre_dispatch : int or str, default="2*n_jobs"
        Likewise.
    """

    def __init__(self, n_jobs: int | None, pre_dispatch: int | str = "2*n_jobs") -> None:
        backend, _ = get_active_backend()
        self.one_by_one = backend.supports_return_generator
        return_as = "generator_unordered" if self.one_by_one else "list"
        self.parallel = Parallel(n_jobs, pre_dispatch=pre_dispatch, return_as=return_as)

    def __enter__(self) -> Self:
        self.parallel.__enter__()
        return self

    def __exit__(self, *exception) -> None:
        self.parallel.__exit__(*exception)

    def __call__(self, jobs: Iterable[Any]) -> Generator[Any, None, None]:
        """Carry out jobs.

        Parameters
        ----------
        jobs : iterable
            What ``sklearn.utils.parallel.delayed`` makes.

        Yields
        ------
        result : object
            Of one job.
        """
        if self.one_by_one:
            with closing(self.parallel(jobs)) as ended:
                yield from ended
            return
        jobs, n = iter(jobs), _JOBS_AT_ONCE * effective_n_jobs(self.parallel.n_jobs)
        while some := list(islice(jobs, n)):
            yield from self.parallel(some)
