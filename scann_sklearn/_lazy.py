"""Public names that are imported when they are first used (PEP 562)."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def attach(
    package: str, names: Mapping[str, Iterable[str]], subpackages: Iterable[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Make the lazy attributes of a package.

    Use it in an ``__init__.py``::

        __getattr__, __dir__, __all__ = attach(__name__, {"_module": ["Name"]})

    Parameters
    ----------
    package : str
        The ``__name__`` of the package.

    names : dict of str to list of str
        For each module, relative to the package, the public names that it defines.

    subpackages : iterable of str, default=()
        Sub-packages that are attributes too: listed by ``dir``, not by ``__all__``.

    Returns
    -------
    getattr, dir, all : callable, callable, list of str
        What the package calls ``__getattr__``, ``__dir__`` and ``__all__``.
    """
    source = {name: module for module, found in names.items() for name in found}
    subpackages = frozenset(subpackages)

    def __getattr__(name: str) -> Any:
        if name in subpackages:
            return import_module(f"{package}.{name}")
        if name not in source:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{source[name]}"), name)
        setattr(sys.modules[package], name, value)  # the next access comes no more through here
        return value

    def __dir__() -> list[str]:
        private = (name for name in vars(sys.modules[package]) if name.startswith("_"))
        return sorted({*private, *source, *subpackages})

    return __getattr__, __dir__, sorted(source)
