"""Where tests compute in tensors: on a GPU if there is one."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import torch

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
