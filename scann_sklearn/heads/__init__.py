"""What the outputs of a network mean: the loss that trains them, and what is decided by them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
