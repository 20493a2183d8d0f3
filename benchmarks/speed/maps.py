"""Sparse convolutions: epochs of LeNet-5 and LeNet-300-100 on one thread, against torch.

python -m benchmarks.speed.maps [--repeats 7] [--into FOLDER]

The peers are the same masks over dense layers of torch, and the package sparseprop (compiled C++
for AVX2) if it is installed: `pip install sparseprop`. LeNet-5 is that of Caffe with 430 500
connections: 20 and 50 filters of 5 x 5, each followed by max pooling, and 500 hidden neurons. Its
3000 or 1000 connections are drawn at random, distributed among the layers about as after pruning.
The values of images are random too, since the time only depends on their number.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import os

import numpy as np
import torch
from torch import nn

from benchmarks import _options, _results
from benchmarks.speed._timing import compare, seconds
from scann_sklearn import SCANNClassifier
from scann_sklearn.heads._classes import class_head
from scann_sklearn.network import Network, Topology
from scann_sklearn.network._convolution import MapShape, SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._pooling import MaxPool2d
from scann_sklearn.training._objective import Objective
from scann_sklearn.training._options import TrainingOptions
from scann_sklearn.training._torch import Batches
from scann_sklearn.training._trainer import Trainer

BATCH, N_BATCHES, N_CLASSES = 128, 16, 10
# connections of the two convolutions, the hidden layer and the outputs
SHARES = {3000: (150, 1250, 1200, 400), 1000: (100, 400, 300, 200)}
NAME = "speed_maps"


def random_part(n_targets, n_sources, n_connections, rng):
    """Random connections of a dense matrix, as CSR."""
    chosen = np.sort(rng.choice(n_targets * n_sources, n_connections, replace=False))
    counts = np.bincount(chosen // n_sources, minlength=n_targets)
    return np.append(0, np.cumsum(counts)), chosen % n_sources


def lenet_5(n_connections, rng):
    """LeNet-5 of Caffe with so many connections."""
    first, second, hidden, outputs = SHARES[n_connections]
    stages = []
    shape = MapShape(1, 28, 28)
    for n_maps, n in ((20, first), (50, second)):
        csr = random_part(n_maps, shape.n_maps * 25, n, rng)
        conv = SparseConv2d(shape, n_maps, 5, *csr)
        stages += [conv, MaxPool2d(conv.target, 2)]
        shape = stages[-1].target
    front = MapFront(tuple(stages))
    parts = (500, shape.size, hidden), (N_CLASSES, 500, outputs)
    topology = layered(parts, shape.size, rng)
    return MapNetwork.initialize_maps(front, topology, rng, np.float32)


def lenet_300_100(n_connections, rng):
    """LeNet-300-100 with so many connections, of each layer the same share."""
    sizes = (784, 300, 100, N_CLASSES)
    dense = [a * b for a, b in zip(sizes[1:], sizes)]
    counts = [round(n_connections * n / sum(dense)) for n in dense]
    counts[0] += n_connections - sum(counts)
    parts = zip(sizes[1:], sizes, counts)
    return Network.initialize(layered(parts, 784, rng), rng, np.float32)


def layered(parts, n_inputs, rng):
    """Topology of layers, each of which reads the one before it."""
    indptr, indices, first, sizes = [np.zeros(1, np.int64)], [], 0, []
    for n_targets, n_sources, n in parts:
        own, sources = random_part(n_targets, n_sources, n, rng)
        indices.append(sources + first)
        indptr.append(own[1:] + indptr[-1][-1])
        first = n_inputs if not sizes else first + sizes[-1]
        sizes.append(n_targets)
    arrays = np.concatenate(indptr), np.concatenate(indices)
    return Topology(n_inputs, sizes[-1], *arrays, layer_sizes=tuple(sizes[:-1]))


class Masked(nn.Module):
    """Weights of a dense layer times a mask."""

    def __init__(self, layer, share, rng):
        super().__init__()
        self.layer = layer
        mask = np.zeros(layer.weight.numel(), np.float32)
        mask[rng.choice(len(mask), share, replace=False)] = 1
        self.register_buffer("mask", torch.as_tensor(mask).reshape(layer.weight.shape))

    def forward(self, X):
        """The layer with fewer connections."""
        weight, bias = self.layer.weight * self.mask, self.layer.bias
        if isinstance(self.layer, nn.Conv2d):
            return nn.functional.conv2d(X, weight, bias)
        return nn.functional.linear(X, weight, bias)


def masked_lenet_5(n_connections, rng):
    """The same as `lenet_5` by masks."""
    shares = SHARES[n_connections]
    layers = [nn.Conv2d(1, 20, 5), nn.Conv2d(20, 50, 5), nn.Linear(800, 500), nn.Linear(500, 10)]
    first, second, hidden, outputs = (
        Masked(layer, share, rng) for layer, share in zip(layers, shares, strict=True)
    )
    relu, pool = nn.ReLU(), nn.MaxPool2d(2)
    front = nn.Unflatten(1, (1, 28, 28)), first, relu, pool, second, relu, pool
    return nn.Sequential(*front, nn.Flatten(), hidden, relu, outputs)


def dense_lenet_300_100(rng):
    """Dense layers of torch."""
    relu = nn.ReLU()
    return nn.Sequential(nn.Linear(784, 300), relu, nn.Linear(300, 100), relu, nn.Linear(100, 10))


def objective(rng):
    """Images of the size of MNIST."""
    X = rng.standard_normal((BATCH * N_BATCHES, 784), dtype=np.float32)
    y = rng.integers(0, N_CLASSES, len(X))
    head = class_head(np.arange(N_CLASSES))
    return Objective(X, head.targets(y, dtype=X.dtype), head)


def our_epoch(network, data, rng):
    """Seconds of an epoch of our trainer."""
    options = TrainingOptions.of(SCANNClassifier(batch_size=BATCH, weight_decay=0.0), len(data))
    trainer = Trainer(data, options, rng, None)
    return seconds(lambda: trainer.train(network, 1, lambda *_: False))


def torch_epoch(module, data, rng):
    """Seconds of an epoch of torch: Adam, and the same batches."""
    optimizer = torch.optim.Adam(module.parameters())
    batches = Batches(data, BATCH, lambda: rng.permutation(len(data)), "cpu")

    def train():
        for rows, (labels, _, _) in batches:
            optimizer.zero_grad()
            nn.functional.cross_entropy(module(rows), labels).backward()
            optimizer.step()

    return seconds(train)


def our_convolutions(network, rng):
    """Seconds of a batch, forward and backward, of the convolutions and pooling alone."""
    front, n = network.front, network.front.n_connections
    weight, bias = network.weight[:n], network.bias[: front.n_maps]
    X = rng.standard_normal(784 * BATCH, dtype=np.float32)
    delta = rng.standard_normal(front.target.size * BATCH, dtype=np.float32)

    def once():
        _, memory = front.forward(X, weight, bias, BATCH)
        front.backward(memory, weight, delta.copy(), BATCH)

    return seconds(lambda: [once() for _ in range(N_BATCHES)])


def convolutions_of_sparseprop(n_connections, rng):
    """The same by sparseprop; None where it isn't installed."""
    try:
        from sparseprop.modules import SparseConv2d as Peer
    except ImportError:
        return None
    shares, relu, pool = SHARES[n_connections], nn.ReLU(), nn.MaxPool2d(2)
    layers = []
    for layer, share in zip((nn.Conv2d(1, 20, 5), nn.Conv2d(20, 50, 5)), shares):
        with torch.no_grad():
            layer.weight *= Masked(layer, share, rng).mask
        layers += [Peer.from_dense(layer), relu, pool]
    module = nn.Sequential(*layers)
    X = torch.as_tensor(rng.standard_normal((BATCH, 1, 28, 28), dtype=np.float32))

    def once():
        module(X).sum().backward()
        module.zero_grad()

    return lambda: seconds(lambda: [once() for _ in range(N_BATCHES)])


def measure(repeats):
    """Yield (what, target, result)."""
    rng = np.random.default_rng(0)
    data = objective(rng)
    for n, target in ((3000, 6), (1000, 10)):
        network, module = lenet_5(n, rng), masked_lenet_5(n, rng)
        yield (
            f"epoch of LeNet-5, {n} connections, against the same masks over dense torch",
            target,
            compare(
                lambda w=network: our_epoch(w, data, rng),
                lambda m=module: torch_epoch(m, data, rng),
                repeats,
            ),
        )
    for n in SHARES:
        network, peer = lenet_5(n, rng), convolutions_of_sparseprop(n, rng)
        if peer is None:
            print("sparseprop isn't installed: its row is left out")
            continue
        yield (
            f"convolutions and pooling of LeNet-5, {n} connections in all, against sparseprop",
            2,
            compare(lambda w=network: our_convolutions(w, rng), peer, repeats),
        )
    network, module = lenet_300_100(8000, rng), dense_lenet_300_100(rng)
    yield (
        "epoch of LeNet-300-100, 8000 connections, against dense torch",
        6,
        compare(
            lambda: our_epoch(network, data, rng),
            lambda: torch_epoch(module, data, rng),
            repeats,
        ),
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=7, help="number of measurements")
    _options.add_into(parser, "the result")
    args = parser.parse_args()
    torch.set_num_threads(1)  # as many as the compiled engine has
    os.environ["OMP_NUM_THREADS"] = "1"
    results = _results.Run(NAME, args.into)
    for what, target, result in measure(args.repeats):
        met = result["times_faster"] >= target
        results.add({"what": what, "target": target, "met": met, **result})
        print(
            f"{what}: {result['times_faster']}× ({result['lowest']}-{result['highest']}), "
            f"target {target}× {'met' if met else 'MISSED'}",
            flush=True,
        )
    results.finish()


if __name__ == "__main__":
    main()
