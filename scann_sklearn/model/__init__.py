"""A network and what its outputs mean, as other parts of the library take it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
