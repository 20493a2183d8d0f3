"""What a process holds in memory, to the byte where the C library tells."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import ctypes
import gc
import os
import sys
from pathlib import Path

import numpy as np

# Without glibc's caches of freed blocks, which would count as blocks in use.
EXACT = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0"}
_FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
# NumPy keeps freed arrays of less than 1024 bytes, a few of each size, and as many shapes.
_LARGEST, _KEPT, _DIMENSIONS = 1024, 12, 32


class _Malloc(ctypes.Structure):
    """The answer of ``mallinfo2``."""

    _fields_ = [(name, ctypes.c_size_t) for name in _FIELDS.split()]


def _mallinfo():
    """The function of the C library; None where there is none (glibc has it since 2.33)."""
    if sys.platform != "linux":
        return None
    found = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if found is not None:
        found.restype = _Malloc
    return found


def owned_bytes():
    """Memory of this process that is in no file (RssAnon); Linux only."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return 1024 * int(line.split()[1])
    raise OSError("/proc/self/status doesn't tell RssAnon.")


def tells_malloc():
    """Whether `malloc_bytes` is exact in this process."""
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    return _mallinfo() is not None and "tcache_count=0" in tunables


def malloc_bytes():
    """Bytes that ``malloc`` has handed out and not got back, of all threads; None if unknown."""
    if not tells_malloc():
        return None
    seen = _mallinfo()()
    return seen.uordblks + seen.hblkhd


def held():
    """What is held after a collection: pages, bytes of ``malloc``, blocks of Python."""
    gc.collect()
    gc.collect()
    return {"bytes": owned_bytes(), "malloc": malloc_bytes(), "blocks": sys.getallocatedblocks()}


def fill_cache():
    """Fill NumPy's cache of small arrays, which random sizes would fill over thousands of fits.

    It keeps up to 7 freed blocks of each size, 3.7 MB at most: bounded, but a slope until full.
    """
    for make in (np.empty, np.zeros):
        for size in range(1, _LARGEST + 1):
            [make(size, np.uint8) for _ in range(_KEPT)]
    for n_dimensions in range(1, _DIMENSIONS + 1):
        [np.empty((1,) * n_dimensions) for _ in range(_KEPT)]


def growth(work, count, ahead=0):
    """What each of many calls leaves behind, after some calls that warm up."""
    for number in range(ahead):
        work(number)
    before = held()
    for number in range(ahead, ahead + count):
        work(number)
    after = held()
    return {name: (after[name] - before[name]) / count for name in ("malloc", "blocks")}
