"""A disk that is full."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from contextlib import contextmanager

import pytest


@contextmanager
def full_disk(n_bytes):
    """No file can grow beyond so many bytes; Python ignores the signal and gets an error."""
    resource = pytest.importorskip("resource", reason="limits of POSIX")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
