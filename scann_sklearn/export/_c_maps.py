"""C code of maps: one function for each convolution with its pooling, and the memory they share."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, replace
from string import Template

import numpy as np

from scann_sklearn.export._c_gaps import Gaps
from scann_sklearn.export._c_map_memory import MapMemory
from scann_sklearn.export._c_tables import BYTES, Column, tabulate, unsigned_type

# What is outside of the maps is written too, for the convolution that reads it: no connection has
# to ask whether it reads inside.
_BLOCK = Template(
    """\
/* $about. */
static ${NAME}_UNUSED void ${name}_maps$number(const $source_type *source, $target_type *target)
{
$tables
$pointers
    int t, y, x$more_variables, o = 0;

    for (t = 0; t < $n_maps; ++t, $next_row) {
        const $count_type n = $count;
$position        for (y = $first; y < $last_row; ++y)
            for (x = $first; x < $last_column; ++x) {
                $sum_type total = $least;
$unless_outside$body$finish                target[o++] = $result;
            }
        $skip;
    }
}
"""
)
_WINDOW = Template(
    """\
                for (i = 0; i < $window; ++i)
                    for (j = 0; j < $window; ++j$also_next)$if_computed {
                        const $source_type *at = source + $corner;
$add_up                    }
"""
)
_ALONE = Template(
    """\
               $if_computed {
                    const $source_type *at = source + $corner;
$add_up                }
$then_next"""
)
_ADD_UP = Template(
    """\
                    $sum_type sum = $bias;
                    const $link_type *end = $link + n;
                    for (; $link != end; $next_link) {
                        at += $gap;
                        sum += $product;
                    }
                    $back;
                    $keep
"""
)
_OUTSIDE = Template(
    """\
                if (y < 0 || y >= $rows || x < 0 || x >= $columns) {
                    target[o++] = $zero;
                    continue;
                }
"""
)
_FRAME = Template(
    """\
/* The image with what is read outside of it. */
static ${NAME}_UNUSED void ${name}_frame(const $ctype *source, $ctype *target)
{
    int t, y, x, o = 0;

    for (t = 0; t < $n_maps; ++t)
        for (y = -$border; y < $rows + $border; ++y)
            for (x = -$border; x < $columns + $border; ++x) {
                const int is_inside = y >= 0 && y < $rows && x >= 0 && x < $columns;
                target[o++] = is_inside ? source[(t * $rows + y) * $columns + x] : $zero;
            }
}
"""
)


@dataclass(frozen=True)
class BlockNumbers:
    """What of a block depends on the type of numbers.

    Parameters
    ----------
    of_maps : list of Column
        Numbers of each map.
    weights : Column
        Numbers of each connection.
    target_type : str
        Type of what comes out.
    bias : str
        What a sum begins with: a template of the columns of `of_maps`.
    product : str
        What a connection adds: a template of `weight`.
    least : str
        What a window begins with.
    keep : str
        What a window does with a sum.
    finish : str
        Statements that make a number of the maps of the total of a window: a template as `bias`.
    result : str
        That number.
    zero : str
        What stands for 0 in the maps that come out.
    """

    of_maps: list[Column]
    weights: Column
    target_type: str
    bias: str
    product: str
    least: str
    keep: str
    finish: str
    result: str
    zero: str


class CMaps:
    """Functions of the maps of a network, and their tables.

    Parameters
    ----------
    blocks : list of Block
        What is computed.
    numbers : list of BlockNumbers
        In which numbers, block by block.
    types : dict of str
        ``ctype`` of an image and of maps, ``sum_type``, and ``value_type`` of what rows read.
    n_slots : int
        Number of values of the rows, to which the maps of the last block belong.
    name : str
        Prefix of functions.
    zero : str
        What stands for 0 in an image.

    Attributes
    ----------
    functions : list of str
        C code.
    n_bytes : int
        Bytes of the tables.
    memory : MapMemory
        Where the maps lie, and the calls of the functions.
    """

    def __init__(self, blocks, numbers, types, n_slots, name, zero="0") -> None:
        self.blocks, self.types = blocks, types
        self.name, self.prefix = name, name.upper()
        self.borders = [block.convolution.padding for block in blocks] + [0]
        self.n_bytes = 0
        self.functions = [self._frame(zero)] if self.borders[0] else []
        for number, of_block in enumerate(numbers):
            self.functions.append(self._function(number, of_block))
        self.memory = MapMemory(blocks, types, n_slots, name)

    def _frame(self, zero) -> str:
        n_maps, rows, columns = self.blocks[0].convolution.source
        shape = {"n_maps": n_maps, "rows": rows, "columns": columns, "border": self.borders[0]}
        return _FRAME.substitute(
            shape, ctype=self.types["ctype"], name=self.name, NAME=self.prefix, zero=zero
        )

    def _function(self, number, numbers: BlockNumbers) -> str:
        block, border = self.blocks[number], self.borders[number + 1]
        n_maps, rows, columns = block.target
        fields = {"n_maps": n_maps, "rows": rows, "columns": columns, "window": block.window}
        fields |= self.types | {"name": self.name, "NAME": self.prefix, "number": number}
        fields |= self._tables(block, numbers) | vars(numbers)
        fields |= {
            "about": _about(block),
            "source_type": self.types["ctype"],
            "corner": self._corner(number),
            "more_variables": ", i, j" if block.window > 1 else "",
            "first": -border,
            "last_row": rows + border,
            "last_column": columns + border,
        }
        fields |= self._positions(block, fields)
        for name in ("bias", "product", "keep", "finish"):
            fields[name] = Template(getattr(numbers, name)).substitute(fields["access"])
        fields["unless_outside"] = _OUTSIDE.substitute(fields) if border else ""
        deeper = "    " if block.window > 1 else ""
        fields["add_up"] = _indented(_ADD_UP.substitute(fields), deeper)
        fields["body"] = (_WINDOW if block.window > 1 else _ALONE).substitute(fields)
        return _BLOCK.substitute(fields)

    def _tables(self, block, numbers) -> dict:
        """Tables of the maps and the connections, and how to walk over them."""
        weights = numbers.weights
        gaps = Gaps.of(block.convolution.indptr, block.offsets(), weights.values)
        if weights.ctype != "float":  # of which one times 0 may be no number
            gaps = gaps.smaller(BYTES[weights.ctype])
        counts = np.diff(gaps.indptr)
        count_type, gap_type = unsigned_type(counts), unsigned_type(gaps.gaps)
        of_maps = tabulate(
            self.prefix, "map", [*numbers.of_maps, Column("count", count_type, counts)]
        )
        of_links = [Column("gap", gap_type, gaps.gaps), replace(weights, values=gaps.weights)]
        links = tabulate(self.prefix, "link", of_links)
        self.n_bytes += of_maps.n_bytes + links.n_bytes
        walkers = links.advance.replace("++", "").split(", ")
        return {
            "tables": f"{of_maps.source}\n{links.source}",
            "pointers": f"{of_maps.pointers}\n{links.pointers}",
            "access": of_maps.access | links.access,
            "count": of_maps.access["count"],
            "gap": links.access["gap"],
            "count_type": count_type,
            "next_row": of_maps.advance,
            "next_link": links.advance,
            "link": walkers[0],
            "link_type": "struct link" if walkers == ["link"] else gap_type,
            "back": ", ".join(f"{walker} -= n" for walker in walkers),
            "skip": ", ".join(f"{walker} += n" for walker in walkers),
        }

    def _positions(self, block, fields) -> dict:
        """A table of bits, one for each position, and how to walk over it."""
        bits = block.area_bits()
        if bits is None:
            return dict.fromkeys(("position", "also_next", "if_computed", "then_next"), "")
        table = tabulate(self.prefix, "area", [Column("area", "uint8_t", bits.ravel())])
        self.n_bytes += table.n_bytes
        counter = "unsigned p = 0; /* counts the positions: each has a bit */"
        before = f"\n{' ' * 24}" if block.window > 1 else " "
        flag = f"{self.prefix}_READ(uint8_t, area[p >> 3]) >> (p & 7)"
        return {
            "tables": f"{fields['tables']}\n{table.source}",
            "pointers": f"{fields['pointers']}\n{table.pointers}",
            "skip": f"{fields['skip']}, area += {bits.shape[1]}",
            "position": f"        {counter}\n",
            "also_next": ", ++p",
            "then_next": "                ++p;\n",
            "if_computed": f"{before}if (({flag}) & 1)",
        }

    def _corner(self, number) -> str:
        """Where the kernel begins, at a position of a window."""
        block = self.blocks[number]
        stride = block.convolution.stride
        pitch = block.convolution.source[2] + 2 * self.borders[number]
        row, column = ("y", "x")
        if block.window > 1:
            row, column = f"({block.window} * y + i)", f"({block.window} * x + j)"
        return f"{row} * {stride * pitch} + {column}" + (f" * {stride}" if stride > 1 else "")


def image_note(x, maps) -> str:
    """Say in the head of a header what a sample is."""
    return f" * {x} is an image of {' x '.join(map(str, maps.image))} (maps, rows, columns)"


def _about(block) -> str:
    """Say what a block does."""
    c, (n, rows, columns) = block.convolution, block.target
    text = f"{n} maps of {rows} x {columns}, connections within {c.size} x {c.size}"
    if c.area is not None:
        text += f", at {c.area.sum()} of {c.area.size} positions"
    if block.pool is None:
        return text
    kind = "mean" if block.is_mean else "largest"
    return f"{text}, the {kind} of {block.window} x {block.window}"


def _indented(text, deeper) -> str:
    return "".join(deeper + line for line in text.splitlines(keepends=True))
