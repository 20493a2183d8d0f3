"""Small fixed pictures of the displays, and the command that writes the committed ones.

    python -m tests.inspection.pictures

Look at what it has written into tests/inspection/images before you commit it. The data are written
down here, since a fit may round differently on another machine. Letters are left out and the axes
have a fixed place: fonts, and all that is laid out around them, differ between versions of
matplotlib and FreeType. So what is compared is lines, markers, bars and colours, with
matplotlib's own defaults whatever the user's settings are.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.text import Text

from scann_sklearn.inspection import (
    ArchitectureDisplay,
    ExitDisplay,
    ParetoFrontDisplay,
    SearchDisplay,
    SynthesisHistoryDisplay,
)
from scann_sklearn.model._graph import Graph

IMAGES = Path(__file__).parent / "images"
STYLE = ["default", {"text.hinting": "no_hinting"}]

# Source, target and weight. Inputs are 0 to 4, of which 3 isn't read, hidden neurons 5 to 8, the
# last on the second level, and outputs 9 to 11.
CONNECTIONS = [
    (0, 5, 1.0), (1, 5, -0.6), (1, 6, 0.2), (2, 6, -1.4), (2, 7, 0.05), (4, 7, 0.8), (0, 9, -0.3),
    (5, 8, 1.2), (6, 8, -0.9), (5, 9, 0.4), (8, 10, -1.0), (7, 11, 0.7), (4, 11, -0.1),
]  # fmt: skip
# Operation, epochs, connections and the score at the end of some phases.
PHASES = [
    ("train", 6, 400, 0.95), ("prune connections", 4, 150, 0.93), ("grow neurons", 4, 150, 0.94),
    ("grow connections", 4, 220, 0.96), ("prune connections", 4, 60, 0.9),
    ("grow connections", 4, 90, None), ("prune connections", 6, 60, 0.92),
]  # fmt: skip
COST = [20, 35, 50, 80, 90, 150, 400]
SCORE = [0.60, 0.80, 0.78, 0.88, 0.70, 0.95, 0.96]


def architecture(connections=CONNECTIONS):
    """A network of 13 connections, two of them past a level."""
    sources, targets, weights = map(np.array, zip(*connections))
    levels = np.array([0] * 5 + [1, 1, 1, 2] + [3] * 3)
    graph = Graph(5, 4, 3, sources, targets, levels)
    display = ArchitectureDisplay(
        graph, weights, feature_names=list("abcde"), output_names=list("xyz"), name="net"
    )
    return display.plot(_axes())


def history(phases=PHASES):
    """Seven phases of training with all three operations."""
    records = []
    for operation, n_epochs, size, score in phases:
        start = 1.0 if operation == "train" else 0.8
        for epoch in range(1, n_epochs + 1):
            records.append({
                "epoch": epoch, "operation": operation, "n_connections": size,
                "loss": start / epoch**0.5,
                "validation_score": score if epoch == n_epochs else None,
            })  # fmt: skip
    return SynthesisHistoryDisplay(records, n_connections=60).plot(_axes())


def front(score=SCORE):
    """Five points on the front, two below, one chosen."""
    display = ParetoFrontDisplay(COST, score, name="front", chosen=3, cost_name="connections")
    return display.plot(_axes())


def models(score=SCORE):
    """Seven models with a marker each."""
    return ParetoFrontDisplay(COST, score, labels=list("abcdefg"), cost_name="energy").plot(_axes())


def search(score=SCORE):
    """Candidates of three stages, two of them predicted."""
    stage = ["sample", "local", "sample", "evolved", "sample", "sample", "evolved"]
    predicted = [None, None, None, 0.85, None, None, 0.92]
    display = SearchDisplay(COST, score, stage, predicted, chosen=3, cost_name="connections")
    figure = plt.figure(figsize=(4.8, 2.4))
    return display.plot([figure.add_axes((left, 0.1, 0.4, 0.8)) for left in (0.08, 0.58)])


def exits(shares=(0.75, 0.2, 0.05)):
    """Three exits, the thresholds of four points, one chosen."""
    points = [(1e-9, 0.80), (1.4e-9, 0.88), (2.1e-9, 0.94), (3.3e-9, 0.95)]
    display = ExitDisplay(shares, [0.98, 0.9, 0.7], points, points[2], (1.9e-9, 0.93))
    figure = plt.figure(figsize=(4.8, 2.4))
    return display.plot([figure.add_axes((left, 0.1, 0.4, 0.8)) for left in (0.08, 0.58)])


PICTURES = {f.__name__: f for f in (architecture, history, front, models, search, exits)}


def render(make, path):
    """Write a picture as it is compared."""
    with mpl.style.context(STYLE):
        figure = make().figure_
        for text in figure.findobj(Text):
            text.set_visible(False)
        for legend in figure.findobj(mpl.legend.Legend):
            legend.set_visible(False)  # its box follows its letters
        figure.savefig(path, dpi=80)
        plt.close(figure)
    return path


def _axes():
    figure = plt.figure(figsize=(3.6, 2.4))
    return figure.add_axes((0.12, 0.1, 0.84, 0.8))


def main():
    mpl.use("Agg")
    IMAGES.mkdir(exist_ok=True)
    for name, make in PICTURES.items():
        print(render(make, IMAGES / f"{name}.png"))


if __name__ == "__main__":
    main()
