"""Official data files: where they lie, how they are recognised, how they get here."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from scann_sklearn._files import write_file
from scann_sklearn.datasets._packed import decompress, extract, read_at_most

UCI_FILES = "https://archive.ics.uci.edu/ml/machine-learning-databases/"
UCI_ARCHIVES = "https://archive.ics.uci.edu/static/public/"

# Seconds without a byte from the server before it counts as gone.
_TIMEOUT = 30

# Bytes that no file here exceeds, nor an archive inside an archive.
_LARGEST = 2**28

# What a broken transfer, archive or compressed stream can raise; requests' errors are OSErrors.
_DOWNLOAD_ERRORS = (OSError, ValueError)


@dataclass(frozen=True)
class DataFile:
    """One official file.

    Parameters
    ----------
    path : str
        Where it lies below the data home. Compressed copies, `path` with ``.gz`` or ``.Z`` added,
        count as the same file.

    urls : tuple of str
        Where it can be had, tried in this order. A fragment names a member of a zip archive:
        ``"https://host/a.zip#folder/name.txt"``; several fragments, archives inside archives.

    sha256 : str, default=None
        Published SHA-256 of the uncompressed file.

    git_blob : str, default=None
        Its git blob id in public repositories, for files without a published SHA-256.

    n_bytes : int, default=268435456
        Size of the uncompressed file, or one that it doesn't exceed: more is never unpacked.
    """

    path: str
    urls: tuple[str, ...]
    sha256: str | None = None
    git_blob: str | None = None
    n_bytes: int = _LARGEST

    @property
    def limit(self) -> int:
        """Bytes that it may have; in a repository, line ends may have been turned into LF."""
        return self.n_bytes if self.git_blob is None else 2 * self.n_bytes

    def verify(self, content: bytes) -> bytes:
        """Return `content` if it is the official file, raise OSError otherwise."""
        if self.sha256 is not None:
            kind, expected, found = "SHA-256", self.sha256, [hashlib.sha256(content).hexdigest()]
        else:
            kind, expected = "git blob id", str(self.git_blob)
            # A repository may hold the file with its line ends turned into LF.
            found = [_git_blob(content), _git_blob(content.replace(b"\r\n", b"\n"))]
        if expected not in found:
            raise OSError(
                f"{self.path!r} has {len(content)} bytes and the {kind} {found[0]}, "
                f"but that of the official file is {expected}: it is incomplete or "
                "corrupt."
            )
        return content


def _git_blob(content: bytes) -> str:
    header = b"blob %d\0" % len(content)
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def get_data_home(data_home: str | os.PathLike[str] | None = None) -> str:
    """Return the path of the folder that holds the data files.

    The folder is only created when something is downloaded. A file that already exists in it, at
    the path that the documentation of the loader gives, is used and not downloaded.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder. If None, that of the environment variable ``SCANN_DATA_HOME``, or, if this is
        not set, the folder ``scann_sklearn`` inside scikit-learn's own data home.

    Returns
    -------
    data_home : str
        The path of the folder.

    See Also
    --------
    sklearn.datasets.get_data_home : The folder of scikit-learn's loaders.

    Examples
    --------
    >>> from scann_sklearn.datasets import get_data_home
    >>> get_data_home("my_data")
    'my_data'
    """
    if data_home is None:
        data_home = os.environ.get("SCANN_DATA_HOME")
    if not data_home:
        from sklearn.datasets import get_data_home as sklearn_data_home

        data_home = os.path.join(sklearn_data_home(), "scann_sklearn")
    return os.path.expanduser(data_home)


def fetch_files(
    files: Iterable[DataFile],
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
) -> list[BytesIO]:
    """Read official files from the data home, after downloading those it lacks.

    Every file is verified each time it is read, so that nothing but the official bytes is ever
    parsed. Raises OSError where that can't be had.
    """
    files = tuple(files)
    home = Path(get_data_home(data_home))
    contents: dict[DataFile, bytes] = {}
    missing = []
    for file in files:
        content = _read_cached(home, file)
        if content is None:
            missing.append(file)
        else:
            contents[file] = content
    if missing and not download_if_missing:
        names = ", ".join(repr(file.path) for file in missing)
        raise OSError(
            f"Not found in {str(home)!r}: {names}. `download_if_missing` is False; set it to True "
            "or put the official files there."
        )
    downloads: dict[str, bytes | Exception] = {}
    for file in missing:
        contents[file] = _download(file, downloads)
        path = home / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, contents[file])
    return [BytesIO(contents[file]) for file in files]


def _read_cached(home: Path, file: DataFile) -> bytes | None:
    for suffix in ("", ".gz", ".Z"):
        path = home / (file.path + suffix)
        if path.is_file():
            try:
                with open(path, "rb") as opened:
                    content = read_at_most(opened, file.limit)
                return file.verify(decompress(content, file.limit) if suffix else content)
            except _DOWNLOAD_ERRORS as error:
                reason = str(error).removesuffix(".")
                raise OSError(
                    f"{str(path)!r} can't be used: {reason}. Delete it to download it "
                    "again; a file that is incomplete on purpose can be read with "
                    "the parsers, `read_*`."
                ) from error
    return None


def _download(file: DataFile, downloads: dict[str, bytes | Exception]) -> bytes:
    """Download and verify a file; `downloads` remembers what each address gave."""
    failures = []
    for url in file.urls:
        address, *members = url.split("#")
        try:
            if address not in downloads:
                downloads[address] = _get(address)
            content = downloads[address]
            if isinstance(content, Exception):
                raise content
            for member in members:
                limit = file.limit if member == members[-1] else _LARGEST
                content = extract(content, member, limit)
            if url.endswith(".Z"):  # kept uncompressed: slow to read, and rare today
                content = decompress(content, file.limit)
            return file.verify(content)
        except _DOWNLOAD_ERRORS as error:
            downloads.setdefault(address, error)  # a dead server is asked once, not once per member
            failures.append(f"{url}: {error}")
    raise OSError(
        f"{file.path!r} could not be downloaded. Put the official file into the data "
        "home yourself, or try again later.\n  " + "\n  ".join(failures)
    )


def _get(url: str) -> bytes:
    try:
        import pooch
    except ImportError as error:
        raise ImportError("Downloading needs the package pooch: pip install pooch.") from error
    buffer = BytesIO()
    pooch.HTTPDownloader(
        timeout=_TIMEOUT,
        stream=False,  # requests then closes the connection after an error, too
        headers={"Accept-Encoding": "identity"},  # a .gz has to arrive as it is
        chunk_size=2**16,
    )(url, buffer, None)
    return buffer.getvalue()
