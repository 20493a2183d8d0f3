# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
