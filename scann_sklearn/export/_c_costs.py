"""What an inference of C code costs, exit by exit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scann_sklearn.export._c_instructions import worst_instructions
from scann_sklearn.export._map_blocks import blocks_of
from scann_sklearn.heads._exits import Exits
from scann_sklearn.metrics import EnergyModel, OperationCounts
from scann_sklearn.metrics._energy import stage_operations
from scann_sklearn.model._exit_stages import section_stages
from scann_sklearn.model._maps import Maps
from scann_sklearn.model._program import Program
from scann_sklearn.model._stages import Stage, comparison_stage, network_stage


class InferenceCost(NamedTuple):
    """What one inference costs that ends at a known exit.

    Parameters
    ----------
    n_connections : int
        Connections of all sections up to there, and of all that is ahead of them.
    operations : OperationCounts
        Operations by the default :class:`~scann_sklearn.metrics.EnergyModel`.
    energy : float
        Joules by the same.
    instructions : int or None
        Instructions on a Cortex-M0, at most, for integers. None for float32.
    """

    n_connections: int
    operations: OperationCounts
    energy: float
    instructions: int | None


def inference_costs(dtype: str, program: Program, *, is_dense: bool) -> list[InferenceCost]:
    """Count what C code does up to each exit; without early exits there is one.

    Parameters
    ----------
    dtype : str
        "float32", "int16" or "int8".
    program : Program
        What is computed.
    is_dense : bool
        Whether a reduction is a full matrix, which is multiplied with its zeros.

    Returns
    -------
    costs : list of InferenceCost
        Ascending: the last one is the worst case.
    """
    each, stages = _stages(program, is_dense), []
    most: Sequence[int | None] = [None] * len(each)
    most = worst_instructions(dtype, program, is_dense=is_dense) or most
    fan_in, meter, found = np.diff(program.indptr), EnergyModel(), []
    n_connections = 0 if program.front is None else program.front.n_connections
    for own, rows, instructions in zip(each, program.sections, most, strict=True):
        stages += own
        n_connections += int(fan_in[rows].sum())
        operations = stage_operations(stages)
        found.append(
            InferenceCost(n_connections, operations, meter.joules(operations), instructions)
        )
    return found


def _stages(program, is_dense) -> list[list[Stage]]:
    """What an inference consists of, exit by exit."""
    fan_in, n_linear = np.diff(program.indptr), program.n_linear
    n_reduction = int(program.indptr[n_linear])
    n_products = program.n_entries * n_linear if is_dense else n_reduction
    reduction = Stage(program.n_entries, n_linear, n_products, indexed=not is_dense)
    ahead = [*_stages_ahead(program.front), reduction]
    if not isinstance(head := program.head, Exits):
        n_connections = len(program.sources) - n_reduction
        return [[*ahead, network_stage(n_connections, program.n_hidden, head)]]
    first, *rest = program.sections
    parts = [first[n_linear:], *rest]
    own = section_stages(program.n_slots, fan_in, parts, head)
    return [[*ahead, *own[0]], *own[1:]]


def _stages_ahead(front) -> list[Stage]:
    """What is made of the inputs ahead of the rows."""
    if isinstance(front, Maps):
        return [block.stage() for block in blocks_of(front)]
    return [comparison_stage(0 if front is None else int(front.compares.sum()))]
