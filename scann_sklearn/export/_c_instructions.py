"""How many instructions the integer code takes on a small processor, at most."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np

from scann_sklearn.export._map_blocks import blocks_of
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


def worst_instructions(dtype: str, program: Program, *, is_dense: bool) -> int | None:
    """Bound the instructions of one inference on a Cortex-M0.

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
    instructions : int or None
        None for floats: how long their emulation takes depends on the numbers.
    """
    if dtype not in _COSTS:
        return None
    return int(np.dot(_COSTS[dtype], _counts(program, is_dense)))


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
