"""MNIST: the networks and sizes that papers on pruning print."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
