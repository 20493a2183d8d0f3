"""Levels of a network, walked connection by connection: what the displays are compared with."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause


def connections(classifier):
    """Source, target and weight of every connection; nodes are inputs, hidden, outputs."""
    weights = classifier.weights_.tocoo()
    rows, columns = weights.coords
    d = classifier.n_features_in_
    return [(int(s), int(t) + d, float(w)) for t, s, w in zip(rows, columns, weights.data)]


def levels(classifier):
    """Longest path from an input to each node; outputs at the level of the deepest one."""
    d, h = classifier.n_features_in_, classifier.n_hidden_
    level = [0] * (d + h + classifier.n_outputs_)
    for target in range(d, len(level)):
        level[target] = max(1 + level[s] for s, t, _ in connections(classifier) if t == target)
    deepest = max(level[d + h :])
    return level[: d + h] + [deepest] * classifier.n_outputs_
