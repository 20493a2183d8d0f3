"""Unpacking with a limit: a small archive can hold gigabytes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import gzip
import zipfile
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO

from scann_sklearn._files import shortened

# Tables of numbers shrink to a tenth, seldom to a hundredth.
_RATIO, _LEAST = 100, 2**26
_CHUNK = 2**20
_CLEAR = 256


def read_at_most(file: IO[bytes] | gzip.GzipFile, limit: int) -> bytes:
    """Read to the end, or raise ValueError where that is further away than `limit` bytes."""
    chunks, left = [], limit
    while chunk := file.read(min(_CHUNK, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise ValueError(f"it holds more than {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def decompress(content: bytes, limit: int | None = None) -> bytes:
    """Undo gzip or Unix compress, told by the first two bytes; other content stays.

    Parameters
    ----------
    content : bytes
        A file.

    limit : int, default=None
        Bytes that it may have when it is unpacked. None: 100 times what it has now, or 64 MiB.

    Returns
    -------
    content : bytes
        The file unpacked.

    Raises
    ------
    ValueError
        If it is damaged, or larger.
    """
    if limit is None:
        limit = max(_LEAST, _RATIO * len(content))
    try:
        if content[:2] == b"\x1f\x8b":
            return read_at_most(gzip.GzipFile(fileobj=BytesIO(content)), limit)
        if content[:2] == b"\x1f\x9d":
            return _unix_decompress(content, limit)
    except Exception as error:  # zlib and gzip raise five kinds
        raise ValueError(f"it can't be unpacked: {shortened(error)}") from error
    return content


def extract(archive: bytes, member: str, limit: int) -> bytes:
    """Read a member of a zip archive, whatever folder it is in.

    Parameters
    ----------
    archive : bytes
        The archive.

    member : str
        Name of the member, or the end of its path.

    limit : int
        Bytes that it may have.

    Returns
    -------
    content : bytes
        The member unpacked.

    Raises
    ------
    ValueError
        If there is no such member, or it is damaged or larger.
    """
    wanted = PurePosixPath(member).parts
    try:
        with zipfile.ZipFile(BytesIO(archive)) as opened:
            for info in opened.infolist():
                if PurePosixPath(info.filename).parts[-len(wanted) :] == wanted:
                    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                        raise ValueError("it is compressed with a method other than deflate")
                    with opened.open(info) as file:
                        return read_at_most(file, limit)
    except Exception as error:  # zipfile raises six kinds
        raise ValueError(f"{member!r} can't be unpacked: {shortened(error)}") from error
    raise ValueError(f"the archive has no member {member!r}")


def _unix_decompress(content: bytes, limit: int) -> bytes:
    """Undo Unix compress: LZW, codes of 9 to 16 bits, the lowest bit first.

    Own code, since no package that was found can stop at a limit.
    """
    if len(content) < 3 or not 9 <= (widest := content[2] & 0x1F) <= 16 or content[2] & 0x60:
        raise ValueError("its header is damaged")
    widest = max(widest, 10)  # 9 says that, too
    clears = bool(content[2] & 0x80)
    chunks: list[bytes] = []
    first = [bytes([i]) for i in range(256)] + [b""] * clears
    table, width, previous, left = first.copy(), 9, b"", limit
    start = position = 24  # in bits
    end = 8 * len(content)
    while position + width <= end:
        byte = position >> 3
        code = int.from_bytes(content[byte : byte + 4], "little") >> (position & 7)
        code &= (1 << width) - 1
        position += width
        if clears and code == _CLEAR:
            table, previous = first.copy(), b""
            start = position = _next_group(position, start, width)
            width = 9
            continue
        if code < len(table):
            text = table[code]
        elif code == len(table) and previous:
            text = previous + previous[:1]
        else:
            raise ValueError("a code is out of order")
        left -= len(text)
        if left < 0:
            raise ValueError(f"it holds more than {limit} bytes")
        chunks.append(text)
        if previous and len(table) < 1 << widest:
            table.append(previous + text[:1])
        previous = text
        if len(table) == 1 << width and width < widest:
            start = position = _next_group(position, start, width)
            width += 1
    if end - position >= 8:
        raise ValueError("it ends in the middle of a code")
    return b"".join(chunks)


def _next_group(position: int, start: int, width: int) -> int:
    """Codes of one width are written in groups of eight, the last one padded."""
    return start + -(-(position - start) // (8 * width)) * 8 * width
