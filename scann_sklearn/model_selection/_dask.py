"""joblib's backend for Dask, made to end in a result or in an error whatever happens to workers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import Any
from uuid import uuid4

from joblib import register_parallel_backend
from joblib._dask import DaskDistributedBackend, _WeakKeyDictionary
from joblib._utils import _TracebackCapturingWrapper

from scann_sklearn import __version__

_ATTEMPTS = 10  # of a fit whose data or result were lost with a worker; each is another loss
# By a builtin, which every worker knows. The class loads all that a fit needs.
_VERSION = "(m := __import__('scann_sklearn')).SCANNClassifier and m.__version__"
_PATIENCE = 60  # seconds, that a worker may take to load the package
_PAUSE = 0.2  # seconds, until the scheduler has noticed who is gone


def register_dask() -> None:
    """Have joblib's backend "dask" survive the loss of workers, in this process.

    After that ``joblib.parallel_config("dask")`` takes a backend that

    * computes a fit once more, with its data, when the worker that had it is gone. joblib's own
      waits for ever where a worker dies while data are on the way to it;
    * raises an error where workers lack this library, or have another version of it, and where one
      can't load a fit for another reason. joblib's own waits for ever;
    * sends an array once for all rounds of a search, not once for each.

    Everything else is as with joblib's: options of ``parallel_config``, the client, nested calls.
    A fit gives the same result wherever it is computed, so a search gives the result of one without
    losses.

    Raises
    ------
    ImportError
        If dask or distributed aren't installed: they are the extra ``dask``.

    See Also
    --------
    CompressionSearchCV : A search by rounds; all fits of a round may run at the same time.
    STEERAGESearchCV : Another one.

    Examples
    --------
    >>> import joblib
    >>> from dask.distributed import Client  # doctest: +SKIP
    >>> from scann_sklearn.model_selection import register_dask
    >>> register_dask()  # doctest: +SKIP
    >>> client = Client("scheduler-address:8786")  # doctest: +SKIP
    >>> with joblib.parallel_config("dask"):  # doctest: +SKIP
    ...     search.fit(X, y)
    """
    import distributed  # noqa: F401  an error now says more than one in the middle of a search

    register_parallel_backend("dask", DaskBackend)


class DaskBackend(DaskDistributedBackend):
    """What `register_dask` registers; its parameters are those of joblib's backend."""

    data_futures: dict[int, Any]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._running: set[asyncio.Task] = set()  # fits that are computed, by the client's loop
        self.call_data_futures = _WeakKeyDictionary()

    def __reduce__(self) -> tuple:
        return DaskBackend, ()

    def get_nested_backend(self) -> tuple[DaskBackend, int]:
        """What a fit that is parallel itself gets."""
        return DaskBackend(client=self.client), -1

    def configure(self, n_jobs=1, parallel=None, **backend_args) -> int:
        """Begin a search: whether the workers have this library is seen before they need it."""
        n_workers = super().configure(n_jobs, parallel, **backend_args)
        for address, theirs in self.client.sync(self._versions).items():
            if theirs != __version__:
                missing = isinstance(theirs, Exception)
                what = f"can't import scann_sklearn ({theirs})" if missing else f"has {theirs}"
                raise RuntimeError(
                    f"The worker {address} {what}, and this process has scann_sklearn "
                    f"{__version__}: all need the same. client.get_versions(check=True) compares "
                    "other packages."
                )
        return n_workers

    async def _versions(self) -> dict[str, Any]:
        """Version that each worker has, or the error of its import; empty where one is lost."""
        wanted = self.submit_kwargs.get("workers")
        run = self.client.run(
            eval, _VERSION, workers=[wanted] if isinstance(wanted, str) else wanted,
            on_error="return", asynchronous=True,
        )  # fmt: skip
        try:
            found = await asyncio.wait_for(run, _PATIENCE)
        except OSError:  # a time-out too
            return {}
        return {a: v for a, v in found.items() if isinstance(v, str | ImportError)}

    def start_call(self) -> None:
        """Begin a round; what the rounds before it have sent stays on the workers."""

    def stop_call(self) -> None:
        """End a round."""

    def terminate(self) -> None:
        """End a search: what it has sent may go."""
        super().terminate()
        self.call_data_futures.clear()

    def submit(self, func, callback=None) -> concurrent.futures.Future:
        """Have a batch computed; `callback` gets its outcome, an exception too."""
        done: concurrent.futures.Future = concurrent.futures.Future()
        done.get = done.result  # type: ignore[attr-defined]  # what joblib calls
        self.client.loop.add_callback(self._carry_out, func, callback, done)
        return done

    async def _carry_out(self, func, callback, done) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            outcome: Any = await self._outcome(func)
        except asyncio.CancelledError:
            done.cancel()  # nobody waits any more
            raise
        except Exception as error:  # whoever waits would do so for ever
            outcome = error
        finally:
            self._running.discard(task)
        done.set_result(outcome)
        callback(outcome)

    async def _outcome(self, func) -> Any:
        from distributed import CancelledError, KilledWorker
        from distributed.comm import CommClosedError

        for attempt in range(_ATTEMPTS):
            try:
                batch, tasks = await self._to_func_args(func)
                future = self.client.submit(
                    _TracebackCapturingWrapper(batch),
                    tasks=tasks,
                    key=f"{batch!r}-{uuid4().hex}",
                    **self.submit_kwargs,
                )
                return await self.client.gather(future, asynchronous=True)
            except (CancelledError, CommClosedError, OSError) as error:
                lost = error  # data or result, with the worker that had them
            except KilledWorker as error:
                raise RuntimeError(
                    f"The workers that computed a fit died, one after another ({error}). Most "
                    "often there is too little memory: see the workers' logs, and give them more "
                    "or fewer threads."
                ) from error
            except Exception as error:  # those of the fit itself are results
                raise RuntimeError(
                    f"A worker can't run a fit: {type(error).__name__}: {error}. Workers need "
                    "scann-sklearn and whatever else the search uses, in the versions of this "
                    "process: client.get_versions(check=True) compares them."
                ) from error
            await asyncio.sleep(_PAUSE * (attempt + 1))
            await self._send_again()
        raise RuntimeError(
            f"Workers were lost {_ATTEMPTS} times while a fit or its data were there ({lost})."
        ) from lost

    async def _send_again(self) -> None:
        """Forget where data were, and send those that were to be sent to all workers."""
        self.call_data_futures.clear()
        if all(future.status == "finished" for future in self.data_futures.values()):
            return
        futures = await self.client.scatter(
            self._scatter, broadcast=True, hash=False, asynchronous=True
        )
        self.data_futures = {id(array): future for array, future in zip(self._scatter, futures)}

    def abort_everything(self, ensure_ready=True) -> None:
        """Have no further fit computed; one that a worker is at ends, and isn't looked at."""
        self.client.loop.add_callback(self._cancel)

    def _cancel(self) -> None:
        for task in list(self._running):
            task.cancel()
