"""The file from which a fit that was killed goes on."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
