"""Files of committed networks."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

from scann_sklearn.export import SparseModel


def write_network(model, path):
    """Write a network; large ones have weights of half precision, which compress well."""
    with TemporaryDirectory() as folder:
        plain = Path(folder, "network.npz")
        SparseModel.from_estimator(model).save(plain)
        path.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))


def read_network(path):
    """Read what `write_network` has written."""
    with TemporaryDirectory() as folder:
        plain = Path(folder, "network.npz")
        plain.write_bytes(gzip.decompress(path.read_bytes()))
        return SparseModel.load(plain)
