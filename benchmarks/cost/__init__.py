"""What a fit costs, in time and memory, against the sizes that it depends on."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
