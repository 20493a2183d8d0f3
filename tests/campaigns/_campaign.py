"""What a campaign of hostile input is: what makes a case, what runs it, what may be raised."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import sys
import traceback
from functools import cache
from pathlib import Path

LIBRARY = "scann_sklearn"
_NUMBA_LOADS = tuple(os.path.join("numba", "core", f) for f in ("caching.py", "serialize.py"))


class Campaign:
    """A kind of hostile input; a case follows from a seed and a number.

    Attributes
    ----------
    name : str
        The campaign's.
    documented : tuple of type
        Exceptions that may refuse a case, each with a message.
    refuses_in : tuple of str
        Packages other than this library whose own errors refuse a case, whatever they are.
    permitted : tuple of str
        Events of the audit that cases may cause, such as "subprocess.Popen".
    passed_through : tuple of str
        Packages whose errors count as those of what has called them, as Python's own do.
    share : float
        Part of all cases of a run that are of this campaign.
    memory : int or None
        Bytes that a process may take while it runs cases; None: any number.
    """

    name = ""
    documented: tuple = (ValueError, TypeError)
    refuses_in: tuple = ()
    passed_through: tuple = ()
    share = 0.0
    permitted: tuple = ()
    memory = 2**30

    def prepare(self, folder):
        """Make what all cases need, once; `folder` is a Path that stays until the end."""

    def begin(self):
        """Make ready a process that is to run cases; its working directory is a new folder."""

    def case(self, rng):
        """A case, drawn by a generator of numpy; its repr describes it."""
        raise NotImplementedError

    def run(self, case):
        """Run a case: return where it was accepted, raise where it was refused or is wrong."""
        raise NotImplementedError

    def judge(self, error):
        """The word for an exception: "refused: TYPE", or "failure: WHY".

        An error of a documented type is none where nobody has written it: a ValueError that NumPy
        raises in the midst of this library's arithmetic says nothing to users.
        """
        kind = type(error).__name__
        if isinstance(error, AssertionError):
            return "failure: wrong result"
        frames = traceback.extract_tb(error.__traceback__)
        frames = [f for f in frames if _owner(f.filename) not in ("", *self.passed_through)]
        owner = _owner(frames[-1].filename) if frames else ""
        if owner in self.refuses_in:
            return f"refused: {kind} of {owner}"
        if isinstance(error, MemoryError) and _is_raised(frames[-1]):
            return f"refused: {kind}"
        if not isinstance(error, self.documented):
            return f"failure: {kind}"
        if not str(error).strip():
            return f"failure: {kind} without a message"
        if owner == LIBRARY and not _is_raised(frames[-1]):
            return f"failure: {kind} that nobody has written"
        return f"refused: {kind}"


def _owner(path):
    """Package that a file is of."""
    parts = Path(path).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return next((name for name in (LIBRARY, "tests") if name in parts), "")


@cache
def _lines(path):
    """Lines of a source file, as they were when they were first asked for."""
    return Path(path).read_text().splitlines()


def read_sources():
    """Read the library, ahead of a run in the midst of which its files may change."""
    for path in (Path(__file__).parents[2] / LIBRARY).rglob("*.py"):
        _lines(str(path))


def _is_raised(frame):
    """Whether a frame is at a raise statement, so that somebody has meant the error."""
    return _lines(frame.filename)[frame.lineno - 1].strip().startswith("raise")


class Escape(BaseException):
    """Something was executed, or written outside of the folder of a case."""


# What no reader, parser or estimator has to do.
_FORBIDDEN = {
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "subprocess.Popen",
    "pickle.find_class", "ctypes.dlopen", "shutil.unpack_archive", "code.__new__",
}  # fmt: skip
_WRITING = {
    "os.mkdir": 0, "os.remove": 0, "os.rename": 1, "os.rmdir": 0, "os.link": 1, "os.symlink": 1,
    "os.chmod": 0, "os.chown": 0, "os.truncate": 0, "shutil.copyfile": 1, "shutil.move": 1,
}  # fmt: skip


class Guard:
    """Hears of what Python does, and raises `Escape` at what no case may do.

    Parameters
    ----------
    folders : list of path-like
        Where files may be written.
    permitted : set of str, default=()
        Events that the campaign's own code needs.
    """

    def __init__(self, folders, permitted=()):
        self.folders = [str(Path(folder).resolve()) for folder in folders]
        self.forbidden = _FORBIDDEN - set(permitted)
        self.is_on = False
        sys.addaudithook(self._hear)  # for good: there is no way to take it back

    def _hear(self, event, arguments):
        if not self.is_on:
            return
        if event == "pickle.find_class" and _loads_a_kernel():
            return
        if event in self.forbidden:
            self._stop(f"{event}{arguments!r:.200}")
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes) and flags & os.O_ACCMODE:
                self._check(path)
        elif event in _WRITING:
            self._check(arguments[_WRITING[event]])

    def _check(self, path):
        if isinstance(path, int):
            return
        found = str(Path(_text(path)).resolve())
        if found != "/dev/null" and not any(f"{found}/".startswith(f"{f}/") for f in self.folders):
            self._stop(f"writes {found}")

    def _stop(self, what):
        self.is_on = False
        raise Escape(what)


def _loads_a_kernel():
    """Whether numba is loading code that it has kept, which it does with pickle."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename.endswith(_NUMBA_LOADS):
            return True
        frame = frame.f_back
    return False


def _text(path):
    return path.decode() if isinstance(path, bytes) else str(path)
