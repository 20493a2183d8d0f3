"""Sections of torch modules as one module, whose output are the features of all exits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.utils import gen_batches
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from scann_sklearn.estimators._extractor import dtype_and_device, samples_of
from scann_sklearn.heads._exits import Ahead
from scann_sklearn.images._exit_head import exit_head

_AT_ONCE, _BATCHES = 64, 32  # samples, and batches of them, that normalisation is begun with


class SectionedModule(nn.Module):
    """Sections one after the other, and what is ahead of each exit.

    Parameters
    ----------
    sections : list of torch.nn.Module
        Each takes what the one before it makes.
    heads : list of torch.nn.Module
        One for each section but the last: it makes the features of its exit. Those of the last are
        the output of the last section.
    """

    def __init__(self, sections: Sequence[nn.Module], heads: Sequence[nn.Module]) -> None:
        super().__init__()
        self.sections = nn.ModuleList(sections)
        self.heads = nn.ModuleList([*heads, nn.Identity()])

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Compute the features of all exits.

        Parameters
        ----------
        X : torch.Tensor of shape (n_samples, ...)
            Samples as the first section takes them.

        Returns
        -------
        features : torch.Tensor of shape (n_samples, n_features)
            Those of the first exit, of the second, and so on.
        """
        found = []
        for section, head in zip(self.sections, self.heads, strict=True):
            X = section(X)
            found.append(head(X).reshape(len(X), -1))
        return torch.cat(found, dim=1)


def built(sections: Sequence[nn.Module], heads: Any, sample: Any, seed: int) -> SectionedModule:
    """Put sections and heads together.

    Parameters
    ----------
    sections : list of torch.nn.Module
        Copies of the user's, as many as exits.
    heads : "auto" or list of torch.nn.Module
        Copies of the user's; "auto": `exit_head` for what each section makes.
    sample : ndarray of shape (1, ...)
        One sample.
    seed : int
        Of the weights of heads that are made here.

    Returns
    -------
    module : SectionedModule
        In evaluation mode.

    Raises
    ------
    TypeError
        If a section makes no tensor of real numbers.
    ValueError
        If sections don't fit each other, or their heads, or make no numbers.
    """
    place = dtype_and_device(nn.ModuleList(sections))
    values, before = torch.tensor(sample, **place), "samples"
    shapes = []
    for number, section in enumerate(sections):
        name = f"sections[{number}]"
        values = _tried(section.eval(), values, name, before)
        shapes.append(tuple(values.shape[1:]))
        before = f"the output of {name}"
    if isinstance(heads, str):
        width = math.prod(shapes[-1])
        heads = [_head(shape, width, [seed, e]) for e, shape in enumerate(shapes[:-1])]
    heads = [head.to(place["dtype"]).eval() for head in heads]
    for number, (head, shape) in enumerate(zip(heads, shapes)):
        made = torch.zeros(1, *shape, **place)
        _tried(head, made, f"exit_heads[{number}]", f"the output of sections[{number}]")
    return SectionedModule(sections, heads).eval()


def _head(shape, width, seed) -> nn.Module:
    """Head for what a section makes, of which all that are not maps are vectors."""
    rng = np.random.default_rng(seed)
    if len(shape) == 3:
        return exit_head(shape, width, random_state=rng)
    return nn.Sequential(nn.Flatten(), exit_head((math.prod(shape),), width, random_state=rng))


def _tried(module, values, name, before) -> torch.Tensor:
    """Output of a module for a sample, checked."""
    given = tuple(values.shape)
    try:
        with torch.no_grad():
            made = module(values.clone())  # layers may work in place
    except Exception as error:
        raise ValueError(
            f"{name} ({type(module).__name__}) can't take {before}, a tensor of shape {given}: "
            f"{type(error).__name__}: {error}"
        ) from error
    if not isinstance(made, torch.Tensor) or made.is_complex():
        kind = made.dtype if isinstance(made, torch.Tensor) else type(made).__name__
        raise TypeError(f"{name} must return a tensor of real numbers, got {kind}.")
    if made.ndim < 2 or len(made) != 1 or not made.numel():
        raise ValueError(
            f"{name} returned a tensor of shape {tuple(made.shape)} for {before} of shape {given}: "
            "it must return one row of numbers per sample."
        )
    return made


def begin_normalisation(module: SectionedModule, X: Any, shape: tuple[int, ...]) -> None:
    """Let batch normalisation see samples before anything is scaled by what it makes of them.

    Parameters
    ----------
    module : SectionedModule
        Its running means and variances become the means over some batches; what has seen many
        batches before keeps them nearly.
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_features)
        Training samples.
    shape : tuple of int
        Shape of one.
    """
    norms: list[Any] = [m for m in module.modules() if getattr(m, "running_mean", None) is not None]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    for norm in norms:  # nothing else is in training: dropout draws numbers
        norm.train().momentum = None  # the mean over all batches
    place = dtype_and_device(module)
    n_samples = min(X.shape[0], _AT_ONCE * _BATCHES)
    with torch.no_grad():
        for some in gen_batches(n_samples, _AT_ONCE, min_batch_size=2):
            module(torch.tensor(samples_of(X[some], shape), **place))
    module.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def widths_and_costs(
    module: SectionedModule, sample: Any
) -> tuple[tuple[int, ...], tuple[Ahead, ...]]:
    """Number of features of each exit, and the multiplications that they take.

    Parameters
    ----------
    module : SectionedModule
        In evaluation mode.
    sample : ndarray of shape (1, ...)
        One sample.

    Returns
    -------
    widths : tuple of int
        Of each exit.
    costs : tuple of Ahead
        Multiplications of products of matrices and convolutions, as torch counts them.
    """
    values, widths, costs = torch.tensor(sample, **dtype_and_device(module)), [], []
    with torch.no_grad():
        for section, head in zip(module.sections, module.heads, strict=True):
            values, own = _counted(section, values)
            made, of_head = _counted(head, values)
            widths.append(made.numel())
            costs.append(Ahead(made.numel(), own, of_head))
    return tuple(widths), tuple(costs)


def _counted(module, values) -> tuple[torch.Tensor, int]:
    """Output of a module, and how often it multiplies."""
    with FlopCounterMode(display=False) as counter:
        made = module(values.clone())
    return made, counter.get_total_flops() // 2
