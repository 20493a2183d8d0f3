"""Cases in forks of this process: limited in time and memory, and survived where they crash."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import faulthandler
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.campaigns._campaign import LIBRARY, Guard

SECONDS = 20  # that a case may take
_COMPILING = 600
_SPARE = 5  # until a process that writes down where it hangs is ended


@contextmanager
def judged_warnings():
    """Arithmetic of this library that overflows unnoticed is an error; all else is no matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", category=RuntimeWarning, module=LIBRARY)
        yield


def run_case(campaign, seed, number, guard):
    """Word for what came of a case, and what a record of a failure needs."""
    case, record = None, {"case": number}
    with judged_warnings():
        try:
            case = campaign.case(np.random.default_rng([seed, number]))  # it may be refused, too
            guard.is_on = True
            campaign.run(case)
            word = "accepted"
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            word = campaign.judge(error)
            if word.startswith("failure"):
                words = traceback.format_exception(error)
                record["error"] = f"{type(error).__name__}: {error}"[:500]
                record["traceback"] = "".join(words).splitlines()[-14:]
        finally:
            guard.is_on = False
    if word.startswith("failure"):
        record["what"], record["description"] = word, repr(case)[:2000]
    return word, record


def run_children(campaign, seed, numbers, *, seconds=SECONDS, batch=200):
    """Run cases in forks, one after the other.

    Parameters
    ----------
    campaign : Campaign
        It is prepared.
    seed : int
        Of the campaign.
    numbers : iterable of int
        The cases.
    seconds : float
        That a case may take.
    batch : int
        Cases of one process.

    Yields
    ------
    number, word, record, seconds, peak : int, str, dict, float, int
        A case, what came of it, what to keep of it, its time, and the largest resident size of
        its process so far, in bytes.
    """
    waiting = list(numbers)[::-1]
    while waiting:
        child = _Child(campaign, seed, waiting[-batch:][::-1], seconds)
        for found in child.results():
            number = waiting.pop()
            if seconds < _COMPILING and any("numba/core" in line for line in _trace_of(found)):
                # kernels were still to be compiled, which is no matter of the case
                yield from run_children(campaign, seed, [number], seconds=_COMPILING)
            else:
                yield found


def _trace_of(found):
    """Where a case was when its time was over."""
    _, word, record, *_ = found
    return record["traceback"] if word.startswith("failure: no end") else ()


class _Child:
    """A fork that runs some cases and says after each what came of it."""

    def __init__(self, campaign, seed, numbers, seconds):
        self.numbers, self.seconds = numbers, seconds
        self.trace = tempfile.TemporaryFile()  # noqa: SIM115
        self._read, write = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid:
            os.close(write)
            return
        try:
            os.close(self._read)
            with os.fdopen(write, "w") as pipe, tempfile.TemporaryDirectory() as folder:
                self._work(campaign, seed, Path(folder), pipe)
        except KeyboardInterrupt:
            pass
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)

    def _work(self, campaign, seed, folder, pipe):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.chdir(folder)
        tempfile.tempdir = os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with open("/proc/self/statm") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        if campaign.memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (now + campaign.memory,) * 2)
        faulthandler.enable(self.trace)
        campaign.begin()
        kernels = Path(__file__).parents[2] / LIBRARY
        guard = Guard([folder, kernels, *_numba_folders()], campaign.permitted)
        for number in self.numbers:
            faulthandler.dump_traceback_later(self.seconds, file=self.trace)
            begun = time.monotonic()
            word, record = run_case(campaign, seed, number, guard)
            faulthandler.cancel_dump_traceback_later()
            peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            found = number, word, record, time.monotonic() - begun, peak
            pipe.write(json.dumps(found) + "\n")
            pipe.flush()

    def results(self):
        """Yield what the fork says; of a case that ended or stopped it, what is known."""
        text, begun = b"", time.monotonic()
        left = list(self.numbers)[::-1]
        try:
            while left:
                wait = begun + self.seconds + _SPARE - time.monotonic()
                ready, _, _ = select.select([self._read], [], [], max(0, wait))
                chunk = os.read(self._read, 2**16) if ready else b""
                if not chunk:
                    yield self._end(left.pop(), bool(ready), time.monotonic() - begun)
                    return
                *lines, text = (text + chunk).split(b"\n")
                for line in lines:
                    begun = time.monotonic()
                    left.pop()
                    yield tuple(json.loads(line))
            self._reap()
        finally:
            self._reap()
            os.close(self._read)
            self.trace.close()

    def _end(self, number, has_ended, seconds):
        """Record of a case that has taken the process with it, or too much time."""
        status = self._reap()
        self.trace.seek(0)
        trace = self.trace.read().decode(errors="replace").splitlines()[:20]
        if not has_ended:
            word = f"failure: no end after {self.seconds} s"
        elif os.WIFSIGNALED(status):
            word = f"failure: {signal.Signals(os.WTERMSIG(status)).name}"
        else:
            word = "failure: the process ended"
        return number, word, {"case": number, "what": word, "traceback": trace}, seconds, 0

    def _reap(self):
        """End the fork where it hasn't; its status."""
        if self.pid:
            done, self.status = os.waitpid(self.pid, os.WNOHANG)
            if not done:
                if not select.select([self._read], [], [], 2)[0]:
                    os.kill(self.pid, signal.SIGKILL)
                _, self.status = self._wait()
            self.pid = 0
        return self.status

    def _wait(self):
        for _ in range(100):
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                return done, status
            time.sleep(0.02)
        os.kill(self.pid, signal.SIGKILL)
        return os.waitpid(self.pid, 0)


def _numba_folders():
    """Where kernels are kept that are compiled in the midst of a case."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    return [given] if given else []
