"""Early exits against the same networks without: mean energy at no loss of accuracy."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
