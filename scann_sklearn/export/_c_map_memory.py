"""Memory of maps in C: two layers at a time, and the calls that fill it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from itertools import pairwise
from string import Template

from scann_sklearn.export._c_tables import BYTES

_ROOM = Template(
    """\
    $value_type room[$length]; /* maps of two stages at a time; at last $n_slots values of rows */
    $value_type *const v = room$start;
"""
)


class MapMemory:
    """One array on the stack, in which layers of maps lie in turn at the begin and at the end.

    The last layer is what rows read, with room for their values behind it.

    Parameters
    ----------
    blocks : list of Block
        What is computed.
    types : dict of str
        ``ctype`` of an image and of maps, and ``value_type`` of what rows read.
    n_slots : int
        Number of values of the rows, to which the maps of the last block belong.
    name : str
        Prefix of functions.

    Attributes
    ----------
    n_bytes : int
        Its size.
    """

    def __init__(self, blocks, types, n_slots, name) -> None:
        self.types, self.n_slots, self.name = types, n_slots, name
        self.has_frame = blocks[0].convolution.padding > 0
        self.n_blocks = len(blocks)
        size, wide = BYTES[types["ctype"]], BYTES[types["value_type"]]
        read = blocks if self.has_frame else blocks[1:]  # an image without frame is the caller's
        sizes = [size * block.n_read for block in read] + [wide * n_slots]
        length = max((a + b for a, b in pairwise(sizes)), default=sizes[0])
        self.n_bytes = -(-length // wide) * wide
        starts = [(self.n_bytes - n) * (i % 2) for i, n in enumerate(sizes)]
        self.starts = [start // size for start in starts[:-1]]
        self.first_value = starts[-1] // wide

    @property
    def values(self) -> str:
        """Its definition."""
        start = f" + {self.first_value}" if self.first_value else ""
        length = self.n_bytes // BYTES[self.types["value_type"]]
        return _ROOM.substitute(self.types, length=length, start=start, n_slots=self.n_slots)

    @property
    def load(self) -> str:
        """Calls that make the maps of the last block of a sample."""
        ctype = self.types["ctype"]
        cast = "" if ctype == self.types["value_type"] else f"({ctype} *)"
        where = [f"{cast}room" + (f" + {start}" if start else "") for start in self.starts]
        names = [f"maps{number}" for number in range(self.n_blocks)]
        if self.has_frame:
            names.insert(0, "frame")
        places = pairwise(["x", *where, "v"])
        return "".join(f"    {self.name}_{f}({a}, {b});\n" for f, (a, b) in zip(names, places))
