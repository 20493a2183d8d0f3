"""Training of a network between two changes of its architecture."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
