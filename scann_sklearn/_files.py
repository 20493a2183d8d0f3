"""Files that are written whole or not at all, and short words on what is wrong with one."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import os
import stat
import uuid
from contextlib import suppress

_LONGEST = 300


def write_file(path: str | os.PathLike[str], content: bytes, part: str | None = None) -> None:
    """Write a file that has its old content until the new one is on the disk.

    The content goes into a hidden file beside `path`, which then takes its place. Whoever reads
    meanwhile sees all of the old file or all of the new one, and a write that fails leaves nothing
    but the old one. Permissions are those that ``open(path, "wb")`` gives; a symbolic link stays,
    and the file it points to is replaced. What is no regular file (a pipe, a device), or is in a
    folder that takes no new files, is written directly.

    Parameters
    ----------
    path : str or path-like
        File name.
    content : bytes
        What is written.
    part : str, default=None
        Name of the hidden file, in the same folder, where nobody else writes; one that a killed
        process has left there is in the way. It is then never written directly. None: a new name.

    Raises
    ------
    OSError
        If it can't be written.
    """
    path, given = os.fspath(path), part
    old = _status(path)
    if _is_descriptor(path) or (old is not None and not stat.S_ISREG(old.st_mode)):
        _write_directly(path, content)
        return
    target = os.path.realpath(path)
    if part is None:
        part = os.path.join(os.path.dirname(target), f".{uuid.uuid4().hex}.part")
    try:
        if old is not None:
            os.close(os.open(target, os.O_WRONLY))  # an error where the old one is read-only
        _write_part(part, content, old)
        os.replace(part, target)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(part)
        refused = isinstance(error, PermissionError) and error.filename == part
        if refused and old is not None and given is None:
            _write_directly(path, content)
            return
        if isinstance(error, OSError) and error.errno is not None:
            error.filename = path
            del error.filename2
        raise


def shortened(text: object) -> str:
    """What an error quotes: damaged files can hold values of any length.

    Parameters
    ----------
    text : object
        Another error, or a text.

    Returns
    -------
    text : str
        Its beginning.
    """
    text = str(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _status(path) -> os.stat_result | None:
    """What is there, links followed; None if nothing."""
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _is_descriptor(path) -> bool:
    """Whether a path such as /dev/stdout stands for a file that is open already."""
    folder = os.path.realpath(os.path.dirname(path) or ".")
    return folder == "/dev" or folder.startswith("/proc/")


def _write_directly(path, content) -> None:
    with open(path, "wb") as file:
        file.write(content)


def _write_part(part, content, old) -> None:
    # A new file gets 0o666 less the umask, as open() does it.
    mode = 0o666 if old is None else stat.S_IMODE(old.st_mode)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(part, flags, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if old is not None:
        os.chmod(part, mode)
