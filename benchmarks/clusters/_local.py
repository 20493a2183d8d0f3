"""A cluster of Dask on this machine, whose workers are processes that can be killed."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

_PATIENCE = 60  # seconds, for a worker to come


class LocalProcesses:
    """A scheduler and workers, started by the commands that a cluster of machines takes.

    Parameters
    ----------
    n_workers : int, default=2
        How many; each computes on one thread.

    Attributes
    ----------
    client : distributed.Client
        Of the scheduler.
    workers : list of subprocess.Popen
        Those that are alive. No nanny starts a killed one anew: it is a machine that is lost.
    """

    def __init__(self, n_workers=2):
        self.n_workers, self.workers = n_workers, []
        self._stack = ExitStack()

    def __enter__(self):
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            self.file = str(Path(folder, "scheduler.json"))
            stack.enter_context(self._process("scheduler", "--port", "0"))
            stack.callback(self._end_workers)
            from distributed import Client

            self.client = stack.enter_context(Client(scheduler_file=self.file))
            self.complete()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception):
        self._stack.__exit__(*exception)

    def complete(self):
        """Start workers where some are lost, and wait until all are there."""
        while len(self.workers) < self.n_workers:
            words = ("--nthreads", "1", "--no-nanny")
            self.workers.append(self._start("worker", *words))
        self.client.wait_for_workers(self.n_workers, timeout=_PATIENCE)
        while len(self.client.scheduler_info()["workers"]) > self.n_workers:
            time.sleep(0.1)  # until a lost one is known to be lost

    def kill(self, number):
        """Kill a worker at once, as a power failure would."""
        process = self.workers.pop(number)
        process.kill()
        process.wait()

    def _end_workers(self):
        while self.workers:
            self.kill(0)

    @contextmanager
    def _process(self, kind, *words):
        process = self._start(kind, *words)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()

    def _start(self, kind, *words):
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}"]
        command += ["--scheduler-file", self.file, "--no-dashboard", *words]
        return subprocess.Popen(
            command,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
