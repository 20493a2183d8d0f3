"""A lock between processes and threads, which ends with the process that has it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import os
from contextlib import suppress
from typing import Self

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


class Lock:
    """A lock that this process has, until it lets go or ends in any way.

    Parameters
    ----------
    path : str
        The file that stands for it.
    descriptor : int
        Of that file, which is open and locked.
    """

    def __init__(self, path: str, descriptor: int) -> None:
        self.path, self._descriptor = path, descriptor

    @classmethod
    def take(cls, path: str) -> Self | None:
        """Take a lock without waiting; None where somebody else has it.

        Parameters
        ----------
        path : str
            The file that stands for it; made where it isn't there.

        Returns
        -------
        lock : Lock or None
            Given back by `release`.

        Raises
        ------
        OSError
            If the file can't be made, or the file system knows no locks.
        """
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                _lock(descriptor)
            except (BlockingIOError, PermissionError):
                os.close(descriptor)
                return None
            except BaseException:
                os.close(descriptor)
                raise
            if _is_at(path, descriptor):
                return cls(path, descriptor)
            os.close(descriptor)  # whoever had it has removed the file meanwhile

    def release(self) -> None:
        """Let go; the file is removed."""
        if os.name == "posix":  # while it is locked, so that nobody's new file is removed
            with suppress(OSError):
                os.unlink(self.path)
        os.close(self._descriptor)
        if os.name != "posix":
            with suppress(OSError):
                os.unlink(self.path)


def _lock(descriptor) -> None:
    if fcntl is None:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_at(path, descriptor) -> bool:
    """Whether a file is still what is found under its name."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
