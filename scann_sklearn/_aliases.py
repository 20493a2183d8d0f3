"""Modules that have moved: files that were saved before name them as they were."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

# Old and new names of the modules that pickles and files of skops refer to.
MOVED = {
    "_classifier": "estimators._classifier",
    "_path": "estimators._path",
    "_dim_reducer": "reduction._dim_reducer",
    "_linear_maps": "reduction._linear_maps",
    "_spectral": "reduction._spectral",
    "export._program": "model._program",
    "inspection._graph": "model._graph",
    "metrics._counts": "model._counts",
}


class _Moved(ModuleType):
    """Stands for a module under its old name; the new one is imported when a name is asked for."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(old, f"What is in {new} now.")
        self.__dict__["_new"] = new

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what looks through all modules is not after the content
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(import_module(self._new), name)


def old_names(names: list[str]) -> list[str]:
    """What classes and functions were called before their modules moved.

    Parameters
    ----------
    names : list of str
        Names with those of their modules.

    Returns
    -------
    names : list of str
        The old names of those that have one.
    """
    package = __name__.rpartition(".")[0]
    before = {f"{package}.{new}": f"{package}.{old}" for old, new in MOVED.items()}
    pairs = [name.rpartition(".")[::2] for name in names]
    return [f"{before[module]}.{name}" for module, name in pairs if module in before]


def install() -> None:
    """Make the old names importable."""
    package = __name__.rpartition(".")[0]
    for old, new in MOVED.items():
        sys.modules.setdefault(f"{package}.{old}", _Moved(f"{package}.{old}", f"{package}.{new}"))
