"""Campaigns: many faults at random, by seeds, with what came of them in ``results``.

Each module is one: ``python -m tests.campaigns.NAME --count N --seed S`` runs it, prints what
happened, and writes ``results/NAME_seed_S.json`` with seed, versions, machine and commit. The
tests of `make test` try a few cases of each.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os

# Campaigns fork: a process with pools of threads would leave its forks without them. The pools
# read it when numpy and torch are imported.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
