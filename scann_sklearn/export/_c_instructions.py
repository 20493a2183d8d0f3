"""How many instructions the integer code takes on a small processor, at most."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.export._map_blocks import blocks_of
from scann_sklearn.heads._exits import Exits
from scann_sklearn.model._maps import Maps
from scann_sklearn.model._program import Program

# Instructions of each thing that `_counts` counts, on a Cortex-M0: such that none of 47 networks
# takes more for any of eight samples, half of them noise. As the clang of ziglang compiles at -Os,
# in an emulator; a tenth too high on average. The last is what a position within an area adds, such
# that no network of one convolution with an area takes more; one outside counts as a sum too.
_COSTS = {
    "int16": (42, 12, 30, 8, 8, 14, 46, 3, 8, 10),
    "int8": (42, 12, 26, 9, 8, 11, 44, 0, 18, 6),
}


# What exits add, such that none of 90 networks of 2 to 26 classes takes more for any of 20 samples:
# for each row; for an exit that is asked; for each power of 2; for a mean that is added to, for
# each of its classes; for each class among which that of the largest mean is found.
_EXIT_COSTS = {"int16": (8, 10, 32, 196, 18, 16), "int8": (8, 10, 33, 175, 16, 16)}


def worst_instructions(dtype: str, program: Program, *, is_dense: bool) -> list[int] | None:
    """Bound the instructions of an inference that ends at each exit, on a Cortex-M0.

    Parameters
    ----------
    dtype : str
        "float32", "int16" or "int8".
    program : Program
        What is computed.
    is_dense : bool
        Whether a reduction is a full matrix.

    Returns
    -------
    instructions : list of int or None
        One number where there are no early exits. None for floats: how long their emulation takes
        depends on the numbers.
    """
    if dtype not in _COSTS:
        return None
    costs, counts = _COSTS[dtype], _counts(program, is_dense)
    if not isinstance(head := program.head, Exits):
        return [int(np.dot(costs, counts))]
    fan_in, found = np.diff(program.indptr), []
    for e in range(head.n_exits):
        behind = np.concatenate([[], *program.sections[e + 1 :]]).astype(int)
        own = np.array(counts) - [0, fan_in[behind].sum(), len(behind), *[0] * 7]
        exits = _exit_counts(head, e, n_rows=own[2])
        found.append(int(np.dot(costs, own) + np.dot(_EXIT_COSTS[dtype], exits)))
    return found


def _exit_counts(head, e, n_rows) -> list[int]:
    """What `_EXIT_COSTS` is for, of an inference that ends at exit e."""
    is_last, n_classes = e == head.n_exits - 1, len(head.classes)
    by_sign = head.inner.decides_by_sign
    if head.n_exits == 1:
        return [0] * 6
    if not head.takes_mean:
        n_asked = e + 1 - is_last
        return [n_rows, e + 1, n_asked * n_classes * (not by_sign), 0, 0, 0]
    n_added = e + is_last
    n_powers = n_classes * (n_added if by_sign else e + 1)
    return [n_rows, e + 1, n_powers, n_added, n_added * n_classes, is_last * n_classes]


def _counts(program, is_dense) -> list[int]:
    """The call, connections, rows, numbers of a full matrix, inputs that are copied, maps."""
    n_full = int(program.indptr[program.n_linear]) if is_dense else 0
    full = program.n_entries * program.n_linear if is_dense else 0
    first = [1, len(program.sources) - n_full, program.n_targets, full]
    if not isinstance(program.front, Maps):
        return [*first, program.n_inputs, 0, 0, 0, 0, 0]
    return [*first, 0, *_counts_of_maps(program.front)]


def _counts_of_maps(maps) -> list[int]:
    """Connections, sums, numbers that are written, those of the image that are copied, areas."""
    blocks = blocks_of(maps)
    borders = [block.convolution.padding for block in blocks] + [0]
    products = sums = written = tested = 0
    for block, border in zip(blocks, borders[1:]):
        n_maps, rows, columns = block.target
        products += block.n_products
        sums += n_maps * block.n_positions
        tested += 0 if block.computed is None else block.n_sums
        written += n_maps * (rows + 2 * border) * (columns + 2 * border)
    return [products, sums, written, blocks[0].n_read if borders[0] else 0, tested]
