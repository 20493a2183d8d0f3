"""What one inference with early exits consists of, exit by exit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scann_sklearn.heads._exits import Ahead, Exits
from scann_sklearn.model._stages import Stage
from scann_sklearn.network._exits import depths, sections
from scann_sklearn.network._topology import Topology


def exit_stages(topology: Topology, head: Exits) -> list[list[Stage]]:
    """Stages that each exit adds to those before it.

    Parameters
    ----------
    topology : Topology
        The connections.
    head : Exits
        What the outputs mean.

    Returns
    -------
    stages : list of list of Stage
        For each exit: sections of torch modules that it is the first to need, if there are any;
        the neurons that it is the first to need and its outputs, and what it takes to know whether
        to leave; at the last the mean of all probabilities, where that is taken.
    """
    t = topology
    parts = sections(t.n_inputs, t.n_outputs, head.n_exits, *t.csr)
    found = section_stages(t.n_inputs + t.n_hidden, np.diff(t.indptr), parts, head)
    if not head.ahead:
        return found
    ends = np.cumsum([section.n_features for section in head.ahead])
    done, read = 0, np.unique(np.searchsorted(ends, t.used_inputs, side="right"))
    for e, depth in enumerate(depths(t.n_inputs, t.n_outputs, head.n_exits, *t.csr, ends)):
        found[e] = [_of_module(head.ahead[i], i in read) for i in range(done, depth)] + found[e]
        done = depth
    return found


def _of_module(section: Ahead, is_read: bool) -> Stage:
    """A section of torch modules, with its head where something reads that."""
    n_macs = section.n_macs + (section.n_head_macs if is_read else 0)
    n_features = section.n_features if is_read else 0
    return Stage(n_features, n_features, 0, n_macs=n_macs)


def section_stages(
    n_sources: int, fan_in: np.ndarray, parts: Sequence[np.ndarray], head: Exits
) -> list[list[Stage]]:
    """The same of sections that are known.

    Parameters
    ----------
    n_sources : int
        Number of inputs and hidden neurons.
    fan_in : ndarray of int of shape (n_targets,)
        Number of connections of each target.
    parts : list of ndarray of int
        Targets of each section, its outputs at the end.
    head : Exits
        What the outputs mean.

    Returns
    -------
    stages : list of list of Stage
        For each exit.
    """
    found = []
    for e, targets in enumerate(parts):
        neurons = Stage(
            n_sources=n_sources,
            n_targets=len(targets),
            n_connections=int(fan_in[targets].sum()),
            n_biases=len(targets),
            comparisons=len(targets) - head.inner.n_outputs,
            indexed=True,
            folds_before=True,
        )
        is_mean = e == head.n_exits - 1 and head.takes_mean
        decides = _mean(head) if is_mean else _test(head)
        found.append([neurons, decides])
    return found


def expected_stages(topology: Topology, head: Exits, shares: np.ndarray) -> list[Stage]:
    """Stages of an inference, each with the share of the samples that get there.

    Parameters
    ----------
    topology : Topology
        The connections.
    head : Exits
        What the outputs mean.
    shares : ndarray of shape (n_exits,)
        Share of the samples that leave at each exit.

    Returns
    -------
    stages : list of Stage
        Stages of all exits.
    """
    arrive = 1.0 - np.append(0, np.cumsum(shares)[:-1])
    parts = zip(exit_stages(topology, head), np.clip(arrive, 0, 1).tolist(), strict=True)
    return [replace(stage, share=share) for stages, share in parts for stage in stages]


def _test(head: Exits) -> Stage:
    """Whether the largest probability is above a threshold.

    Of several outputs: the largest of them, exponentials of the others' distances from it (a table
    read each), their sum, and a comparison of that. A single output is compared with both ends of
    an interval.
    """
    n = head.inner.n_outputs
    if n == 1:
        return Stage(1, 0, 0, n_biases=1, comparisons=2)
    return Stage(n, 0, 0, n_macs=n - 1, n_biases=1, comparisons=n, table_reads=n - 1)


def _mean(head: Exits) -> Stage:
    """The class of the largest mean probability.

    The exponentials of the last exit and their sum; each exit's are divided by their sum and added.
    """
    n = head.inner.n_outputs
    if n == 1:
        return Stage(1, 0, 0, n_macs=head.n_exits, comparisons=1, table_reads=head.n_exits)
    n_macs = n - 1 + n * head.n_exits
    return Stage(n, 0, 0, n_macs=n_macs, comparisons=2 * (n - 1), table_reads=n - 1)
