"""The file of one fit or search: found by what it is about, locked, written, removed."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from typing import Any, Self

from scann_sklearn import __version__
from scann_sklearn._files import shortened, write_file
from scann_sklearn.resume._facts import changed_facts, facts
from scann_sklearn.resume._identity import differences, name_of
from scann_sklearn.resume._lock import Lock
from scann_sklearn.resume._pace import Pace
from scann_sklearn.resume._tree import packed, unpacked

_ENDING = ".npz"
Content = Callable[[], dict[str, Any]]


class ResumeFile:
    """What can be gone on from; nobody else has it meanwhile.

    Parameters
    ----------
    path : str
        File name; there may be nothing yet.
    lock : Lock
        Its lock.
    identity : dict of str to [str, str]
        What it is about, see `identity_of`.
    pace : Pace, default=None
        When to write.

    Attributes
    ----------
    content : dict or None
        What an earlier process has left.
    seconds_before : float
        How long that has taken.
    """

    def __init__(
        self, path: str, lock: Lock, identity: dict[str, list[str]], pace: Pace | None = None
    ) -> None:
        self.path, self._lock, self.identity = path, lock, identity
        self._pace = Pace() if pace is None else pace
        self._part = _beside(path, "part")
        with suppress(OSError):
            os.unlink(self._part)  # of a write in whose midst a process was killed
        self._latest: Content | None = None
        self._has_warned = False
        self.seconds_before = 0.0
        self.begin()
        self.content = self._read()

    @classmethod
    def open(cls, checkpoint: Any, identity: dict[str, list[str]]) -> Self:
        """The file that a parameter `checkpoint` means.

        Parameters
        ----------
        checkpoint : str or path-like
            A folder, made where there is none, or a file that is there.
        identity : dict of str to [str, str]
            What it is about.

        Returns
        -------
        file : ResumeFile
            Of a folder one with the name of this identity, and a number where others use the first
            ones. One that somebody has left comes first.

        Raises
        ------
        OSError
            If it can't be written or locked.
        ValueError
            If what is there is of something else, or damaged, or no file can have that name.
            Nothing is changed then.
        """
        identity = {**identity, "scann_sklearn": [__version__, __version__]}
        place = os.fsdecode(checkpoint)
        try:
            path, lock = _named(place) if _is_file(place) else _in_folder(place, identity)
        except OSError as error:
            words = f"checkpoint={checkpoint!r} can't be used: {error.strerror or error}"
            raise OSError(error.errno, words) from error
        except ValueError as error:  # a name that no file can have
            raise ValueError(f"checkpoint={checkpoint!r} can't be used: {error}") from error
        try:
            return cls(path, lock, identity)
        except BaseException:
            lock.release()
            raise

    def begin(self) -> None:
        """Count the time of this process from now on."""
        self._begun = self._pace.clock()

    def offer(self, content: Content, n_bytes: int) -> None:
        """Take what could be written, and write it if that is due.

        A write that fails leaves what was written before; the first one gives a warning.

        Parameters
        ----------
        content : callable
            Makes a tree, see `packed`; of things that don't change any more.
        n_bytes : int
            About how much it is.
        """
        self._latest = content
        if not self._pace.is_due(n_bytes):
            return
        try:
            self._write()
        except (OSError, MemoryError) as error:
            if not self._has_warned:
                self._has_warned = True
                warnings.warn(
                    f"The checkpoint {self.path} can't be written: {_reason(error)}. The fit goes "
                    "on, and what was written before stays.",
                    UserWarning,
                    stacklevel=2,
                )

    @contextmanager
    def in_use(self, final: tuple[type[BaseException], ...] = ()) -> Iterator[None]:
        """Remove the file at the end; write the latest offer where that is an interruption.

        Parameters
        ----------
        final : tuple of class, default=()
            Errors that would come again: the file has no use then.
        """
        try:
            yield
        except final:
            self._remove()
            raise
        except BaseException as error:
            self._leave(error)
            raise
        else:
            self._remove()
        finally:
            self._lock.release()

    def _leave(self, error) -> None:
        """Write what isn't written yet; say so in a note to an error."""
        try:
            self._write()
        except (OSError, MemoryError) as failure:
            error.add_note(f"The checkpoint {self.path} can't be written: {_reason(failure)}.")
        if os.path.exists(self.path):
            error.add_note(
                f"The next fit with the same data and parameters goes on from {self.path}."
            )

    def _write(self) -> None:
        latest = self._latest
        if latest is None:
            return
        with self._pace.measured():
            seconds = self.seconds_before + self._pace.clock() - self._begun
            about = {"identity": self.identity, "facts": facts(), "seconds": seconds}
            write_file(self.path, packed({**about, "content": latest()}), self._part)
        self._latest = None

    def _remove(self) -> None:
        with suppress(OSError):
            os.unlink(self.path)

    def _read(self) -> dict[str, Any] | None:
        """What is there, if anything is, checked as far as it can be here."""
        try:
            with open(self.path, "rb") as file:
                written = file.read()
        except FileNotFoundError:
            return None
        try:
            tree = unpacked(written)
            there = {name: [str(d), str(words)] for name, (d, words) in tree["identity"].items()}
            changed = changed_facts(tree["facts"])
            self.seconds_before = float(tree["seconds"])
            content = dict(tree["content"])
        except Exception as error:  # zipfile and NumPy raise a dozen kinds for damaged headers
            raise damaged(self.path, error) from error
        if different := differences(there, self.identity):
            raise ValueError(
                f"The checkpoint {self.path} is of another fit: {shortened(different)}. It was "
                "left as it is."
            )
        if changed:
            warnings.warn(
                f"The checkpoint {self.path} was written elsewhere: {changed}. The result is as "
                "good, but it may differ in rounding from that of a fit that goes on where it "
                "began.",
                UserWarning,
                stacklevel=2,
            )
        return content


def damaged(path: str, error: Exception) -> ValueError:
    """The error that says so."""
    return ValueError(
        f"{path} is no checkpoint of scann-sklearn, or it is damaged: {shortened(error)}. It was "
        "left as it is: give another folder to begin anew."
    )


def _reason(error) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _is_file(place) -> bool:
    if os.path.isfile(place):
        return True
    if place.endswith(_ENDING) and not os.path.isdir(place):
        raise FileNotFoundError(2, "there is no such file; to begin, give a folder")
    return False


def _beside(path, ending) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name.removesuffix(_ENDING)}.{ending}")


def _named(path) -> tuple[str, Lock]:
    path = os.path.realpath(path)
    lock = Lock.take(_beside(path, "lock"))
    if lock is None:
        raise BlockingIOError(11, "another fit is using it")
    return path, lock


def _in_folder(folder, identity) -> tuple[str, Lock]:
    """The first file of this name that is free: those that were left, then new ones."""
    os.makedirs(folder, exist_ok=True)
    name = name_of(identity)
    pattern = re.compile(rf"{name}(?:-(\d+))?{re.escape(_ENDING)}")
    found = (pattern.fullmatch(file) for file in os.listdir(folder))
    left = sorted(int(match[1] or 0) for match in found if match)
    new = (number for number in count() if number not in left)
    return next(filter(None, (_take(folder, name, number) for number in chain(left, new))))


def _take(folder, name, number) -> tuple[str, Lock] | None:
    path = os.path.join(folder, f"{name}-{number}{_ENDING}" if number else name + _ENDING)
    lock = Lock.take(_beside(path, "lock"))
    return None if lock is None else (path, lock)
