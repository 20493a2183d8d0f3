"""What decides how numbers are rounded: versions and the processor."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version

from llvmlite import binding
from numba.core import config

_PACKAGES = ("numba", "numpy", "scikit-learn", "scipy", "torch")


@cache
def facts() -> dict[str, str]:
    """Versions of the packages that compute, and the name of the processor, as LLVM calls it."""
    processor = config.CPU_NAME or binding.get_host_cpu_name()
    versions = {name: version(name) for name in _PACKAGES}
    return versions | {"processor": f"{platform.machine()} {processor}"}


def changed_facts(there: dict[str, str]) -> str:
    """What is not as it was, in words; empty: everything is."""
    here = facts()
    return "; ".join(
        f"{name} was {there.get(name)} and is {here.get(name)}"
        for name in sorted(here.keys() | there.keys())
        if there.get(name) != here.get(name)
    )
