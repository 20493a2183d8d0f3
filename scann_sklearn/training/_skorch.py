"""The only module that imports skorch.

Its modules work on their docstrings when they are imported, and ``python -OO`` leaves none.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType


class _WithDocstrings(SourceFileLoader):
    """Compiles a module as ``python -O`` does, past the files that hold it without docstrings."""

    def get_code(self, fullname) -> CodeType:
        """Compile the module."""
        path = self.get_filename(fullname)
        return compile(self.get_data(path), path, "exec", dont_inherit=True, optimize=1)


class _Finder(PathFinder):
    """Finds the modules of skorch as always, and has them loaded with docstrings."""

    @classmethod
    def find_spec(cls, fullname, path=None, target=None) -> ModuleSpec | None:
        """Find a module of skorch."""
        if fullname.partition(".")[0] != "skorch":
            return None
        spec = super().find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _WithDocstrings(fullname, spec.loader.path)
        return spec


@contextmanager
def _docstrings_kept() -> Iterator[None]:
    if sys.flags.optimize < 2:
        yield
        return
    sys.meta_path.insert(0, _Finder)
    try:
        yield
    finally:
        sys.meta_path.remove(_Finder)


with _docstrings_kept():
    from skorch import NeuralNet
    from skorch.dataset import unpack_data

__all__ = ["NeuralNet", "unpack_data"]
