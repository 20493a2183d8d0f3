"""LassoNet: a network that loses its inputs one after the other along a path of penalties.

LassoNet 0.0.21, which selects inputs, not connections: with 100 hidden neurons and ten classes it
never has fewer than 1000. So that it reaches small sizes too, narrower networks get a path as well.
What had to be worked around:

* labels have to be 0, 1, ..., as they are used as indices;
* two classes make two outputs: their difference is one output with the same decisions;
* the default penalties start far too low (the first input went after 20 to 30 of 34 steps of 1.2)
  and finding that start took up to 20 s: the penalties are given instead, in proportion to the
  width, which is where inputs begin to go;
* the default steps of 1.02 with 100 epochs each would take hours here: steps of 1.3 with 5 epochs;
* plain SGD on the path left more of the inputs for the same loss of accuracy: Adam there too;
* batches are drawn from torch's global stream, and its seed is set globally: both happen inside
  ``fork_rng``;
* a path ends where no input is left, not where networks have become useless: such points are in the
  records too, and nobody chooses them.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from functools import partial

import numpy as np
import torch

from benchmarks._scaling import scaled
from benchmarks.peers._points import affordable, network_point
from benchmarks.peers._pruning import two_layers

WIDTHS = (100, 30, 10, 3)
PENALTIES = 2 * 1.3 ** np.arange(21)  # times the width
EPOCHS_DENSE, EPOCHS_STEP = 60, 5


def frontier(parts, scaling, seed, quick=False):
    """Paths of four widths with M = 10: up to 60 epochs dense, 21 steps of up to 5 epochs.

    Forty batches an epoch, of 32 to 128 samples; each phase may end early on the validation part.
    """
    data = scaled(parts, scaling)
    points = []
    for width in WIDTHS[2:3] if quick else WIDTHS:
        path = _path(data, width, PENALTIES[4::4] if quick else PENALTIES, seed)
        for item in path:
            if item.selected.any():
                setting = f"{width} hidden, penalty {item.lambda_:.3g}"
                points.append(network_point(setting, _network(item.state_dict), data))
    return affordable(points)


def _path(data, width, penalties, seed):
    from lassonet import LassoNetClassifier

    model = LassoNetClassifier(
        hidden_dims=(width,),
        M=10,
        lambda_seq=(width * penalties).tolist(),
        batch_size=int(np.clip(len(data.y_train) // 40, 32, 128)),
        n_iters=(EPOCHS_DENSE, EPOCHS_STEP),
        patience=(15, 3),
        optim=(partial(torch.optim.Adam, lr=0.005), partial(torch.optim.Adam, lr=0.001)),
        device=torch.device("cpu"),
        torch_seed=seed,
        random_state=seed,
        verbose=0,
    )
    classes = np.unique(data.y_train)
    y, y_val = (np.searchsorted(classes, labels) for labels in (data.y_train, data.y_val))
    with torch.random.fork_rng(devices=[]):
        return model.path(
            data.X_train,
            y,
            X_val=data.X_val,
            y_val=y_val,
            return_state_dicts=True,
            disable_lambda_warning=True,
        )


def _network(state):
    """Network of a point of the path; two outputs become one."""
    arrays = {name: values.numpy() for name, values in state.items()}
    second, skip = arrays["layers.1.weight"], arrays["skip.weight"]
    bias = arrays["layers.1.bias"]
    if len(bias) == 2:
        second, skip, bias = (a[1:] - a[:1] for a in (second, skip, bias))
    blocks = [(w != 0, w) for w in (arrays["layers.0.weight"], second, skip)]
    first, second, skip = blocks
    return two_layers(first, second, arrays["layers.0.bias"], bias, skip)
