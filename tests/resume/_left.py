"""Files that an interrupted fit has left, and changed ones."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import warnings

import pytest

from scann_sklearn.resume._tree import packed, unpacked
from tests.classifier._callbacks import Interrupt

from ._fits import make


def leave(folder, name="B", at=40, **more):
    """Interrupt a fit; the file that it leaves."""
    estimator, X, y = make(name, checkpoint=folder, **more)
    before = set(folder.glob("*.npz"))
    with pytest.raises(KeyboardInterrupt):
        estimator.set_callbacks(Interrupt(at)).fit(X, y)
    (path,) = set(folder.glob("*.npz")) - before
    return path


def changed(path, change):
    """Change what is in a file, as somebody could who knows how it is written."""
    tree = unpacked(path.read_bytes())
    change(tree)
    path.write_bytes(packed(tree))


def resumed(checkpoint, name="B", **more):
    """Fit that goes on, and its warnings."""
    estimator, X, y = make(name, checkpoint=checkpoint, **more)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        estimator.fit(X, y)
    return estimator, [str(one.message) for one in found]
