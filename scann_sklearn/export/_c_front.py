"""C code of a front: missing values are filled in, categories compared."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from string import Template

import numpy as np

from scann_sklearn.export._c_tables import Column, Tables, tabulate, unsigned_type
from scann_sklearn.model._front import MISSING

_LOAD = Template(
    """\
    for (i = 0; i < ${prefix}_ENTRIES; ++i, $next_entry) {
        const float a = x[$feature], c = $constant;
        v[i] = $ways;
    }
"""
)
_WAYS = ("(a == a ? a : c)", "(a == c ? 1.0f : 0.0f)", "(a == a ? 0.0f : c)")  # by kind


def front_tables(program, prefix) -> Tables:
    """Tables of the feature and the constant of each entry.

    Parameters
    ----------
    program : Program
        One with a front.
    prefix : str
        Prefix of macros.

    Returns
    -------
    tables : Tables
        The definitions.
    """
    features = program.inputs[program.front.sources]
    # Where there is none it is 0 for inputs that are copied, 1 for those that are missing.
    constants = np.where(program.front.kinds == MISSING, 1, np.nan_to_num(program.front.constants))
    columns = [
        Column("constant", "float", constants.astype(np.float32)),
        Column("feature", unsigned_type(features), features),
    ]
    return tabulate(prefix, "entry", columns)


def front_loop(program, prefix, tables) -> str:
    """Write the loop over all entries.

    Parameters
    ----------
    program : Program
        One with a front.
    prefix : str
        Prefix of macros.
    tables : Tables
        Those of its entries.

    Returns
    -------
    source : str
        C code.
    """
    parts = zip(_WAYS, program.front.parts)
    used = [(way, part.stop) for way, part in parts if part.stop > part.start]
    ways = [f"i < {stop} ? {way}" for way, stop in used[:-1]] + [used[-1][0]]
    fields = {name: tables.access[name] for name in ("feature", "constant")}
    fields |= {"next_entry": tables.advance, "ways": "\n             : ".join(ways)}
    return _LOAD.substitute(fields, prefix=prefix)
