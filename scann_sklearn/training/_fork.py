"""torch in a child of a fork: on one thread, as the threads of the parent stay behind."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os

import torch

_children: list[int] = []  # the processes that are children of one that had loaded torch

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _children.append(os.getpid()))


def keep_torch_from_waiting() -> None:
    """In a child of a fork, have torch compute on the calling thread.

    Its pool of threads looks whole there, but a product would wait for them for ever. So this
    setting, global as it is, takes nothing from the child; the parent is another process.
    """
    if _children and torch.get_num_threads() > 1:
        torch.set_num_threads(1)
