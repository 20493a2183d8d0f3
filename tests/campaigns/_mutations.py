"""Changes of bytes, and of what archives hold."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import struct
import tokenize
import zipfile
from io import BytesIO

import numpy as np

_INTERESTING = (0, 1, 0x7F, 0x80, 0xFF)
_DTYPES = (
    "<i8", "<i4", "<i2", "<u8", "<f8", "<f4", "<f2", "|b1", "<U3", "|S4", "<c16", "|O", "|V8",
    "<U0", ">i4", "<M8[s]",
)  # fmt: skip
_SHAPES = (
    (), (0,), (1,), (3,), (10**8,), (2**62,), (2**70,), (-1,), (2, 2), (0, 10**9), (True,), (1.5,)
)  # fmt: skip


def edit(content, rng, most=4):
    """Bytes with a few changes: bits, values, pieces lost, doubled, moved, or cut off."""
    content = bytearray(content)
    for _ in range(int(rng.integers(1, most + 1))):
        size = len(content)
        at = int(rng.integers(size)) if size else 0
        n = int(min(2 ** rng.integers(0, 8), size - at))
        kind = rng.integers(8)
        if kind <= 1 and size:
            content[at] ^= 1 << int(rng.integers(8))
        elif kind == 2 and size:
            content[at] = _INTERESTING[rng.integers(len(_INTERESTING))]
        elif kind == 3:
            content[at : at + n] = rng.bytes(n)
        elif kind == 4:
            del content[at : at + n]
        elif kind == 5:
            content[at:at] = content[at : at + n]
        elif kind == 6:
            other = int(rng.integers(size)) if size else 0
            content[at : at + n] = content[other : other + n]
        elif rng.random() < 0.3:
            del content[at:]
        else:
            content[at : at + 4] = struct.pack("<i", int(rng.choice([-1, 0, 2**31 - 1, -(2**31)])))
    return bytes(content)


def npy(descr, shape, content=b"", fortran_order=False, header=None):
    """An array's entry that says what it likes."""
    if header is None:
        header = repr({"descr": descr, "fortran_order": fortran_order, "shape": shape})
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode("latin1") + content


def odd_array(rng):
    """An entry whose header and bytes are at odds, or an array of another kind."""
    descr, shape = _DTYPES[rng.integers(len(_DTYPES))], _SHAPES[rng.integers(len(_SHAPES))]
    return npy(descr, shape, rng.bytes(int(rng.choice([0, 4, 8, 24]))), bool(rng.integers(2)))


def changed_array(array, rng):
    """An array with other numbers, of another type, or of another shape."""
    array = np.array(array)
    kind = rng.integers(7)
    if kind <= 2 and array.size and array.dtype.kind in "iufb":
        values = [-1, 0, 1, 10**6, 2**31 - 1, -(2**31), 2**62, 0.5, np.nan, np.inf, -1e308, 1e-320]
        with np.errstate(all="ignore"):
            for _ in range(int(rng.integers(1, 4))):
                value = np.array(values[rng.integers(len(values))]).astype(array.dtype)
                array[tuple(int(rng.integers(n)) for n in array.shape)] = value
        return array
    if kind == 3:
        with np.errstate(all="ignore"):
            dtypes = ["i8", "i4", "i2", "u4", "f8", "f4", "f2", "b1", "c16", "U5"]
            return array.astype(str(rng.choice(dtypes)))
    if kind == 4:
        return array.ravel()[: rng.integers(array.size + 1)]
    if kind == 5:
        return rng.permutation(np.repeat(array.ravel(), int(rng.integers(1, 3))))
    return array.reshape(-1, 1) if rng.random() < 0.5 else array.sum() * 0


def entries_of(content):
    """Names and bytes of what is in an archive."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(entries, rng, hostile=0.1):
    """An archive of entries with right checksums; now and then one that is none of ours."""
    method = zipfile.ZIP_STORED
    if rng.random() < hostile:
        method = int(rng.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        if rng.random() < hostile:
            names = ["../../outside", "/tmp/outside", "a/../../outside", "C:\\outside", "x" * 3000]
            archive.writestr(str(rng.choice(names)), b"outside")
        if rng.random() < hostile:
            archive.writestr("bomb.npy", bytes(10**7))
        if rng.random() < hostile / 3:
            for number in range(3000):
                archive.writestr(f"entry{number}", b"")
    return stream.getvalue()


def changed_entries(entries, rng):
    """Entries of an archive of arrays, some of which are changed, exchanged or gone."""
    entries = dict(entries)
    for _ in range(int(rng.integers(1, 3))):
        names = list(entries)
        if not names:
            break
        name = names[rng.integers(len(names))]
        kind = rng.integers(7)
        if kind <= 2:
            entries[name] = _changed_entry(entries[name], rng)
        elif kind == 3:
            entries[name] = edit(entries[name], rng)
        elif kind == 4:
            entries[name] = odd_array(rng)
        elif kind == 5:
            entries[name] = entries[names[rng.integers(len(names))]]
        elif rng.random() < 0.5:
            del entries[name]
        else:
            entries[name + "x"] = entries[name]
    return entries


# What reading and writing an array raises that is none, or was changed before.
_NO_ARRAY = (ValueError, OSError, EOFError, TypeError, MemoryError, OverflowError, SyntaxError)


def _changed_entry(content, rng):
    try:
        array = np.load(BytesIO(content), allow_pickle=False)
        stream = BytesIO()
        np.save(stream, changed_array(array, rng), allow_pickle=False)
        return stream.getvalue()
    except (*_NO_ARRAY, tokenize.TokenError, zipfile.BadZipFile):
        return edit(content, rng)
