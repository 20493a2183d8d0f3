"""Work in forks of this process: they can be killed, limited and measured."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import contextlib
import json
import os
import signal
import time
import traceback
import warnings


class Fork:
    """A function that runs in a fork; it returns what JSON can hold.

    This process must not have threads of its own when it forks.

    Parameters
    ----------
    function : callable
        What the fork does.
    *arguments
        Its arguments.
    """

    def __init__(self, function, *arguments):
        self._read, write = os.pipe()
        self.begun = time.monotonic()
        self.pid = os.fork()
        if self.pid:
            os.close(write)
            return
        try:
            os.close(self._read)
            with contextlib.suppress(KeyboardInterrupt), warnings.catch_warnings(record=True) as w:
                warnings.simplefilter("always")
                try:
                    content = {"result": function(*arguments)}
                except BaseException as error:
                    last = traceback.format_exc().splitlines()[-12:]
                    content = {"error": f"{type(error).__name__}: {error}", "traceback": last}
                content["warnings"] = [str(one.message) for one in w]
                with os.fdopen(write, "w") as file:
                    json.dump(content, file)
        finally:
            os._exit(0)

    def kill_after(self, seconds):
        """Send SIGKILL after so many seconds; whether it was still running."""
        time.sleep(max(0.0, self.begun + seconds - time.monotonic()))
        running = os.waitpid(self.pid, os.WNOHANG) == (0, 0)
        if running:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._read)
        return running

    def result(self):
        """What it has returned, with warnings; ``{"killed": ...}`` where it returned nothing."""
        with os.fdopen(self._read) as file:
            text = file.read()
        _, status = os.waitpid(self.pid, 0)
        seconds = time.monotonic() - self.begun
        if not text:
            return {"killed": status, "seconds": seconds}
        return {**json.loads(text), "seconds": seconds}
