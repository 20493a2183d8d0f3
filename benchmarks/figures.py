"""Draw figures of the docs: a network before and after, its history, results of benchmarks.

    python -m benchmarks.figures

Those of networks are one fit on the handwritten digits. The figures of the peers are drawn by
`benchmarks.peers.report`, the frontier of the README by `benchmarks.demo`.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
from io import BytesIO
from pathlib import Path

from sklearn.datasets import load_digits

from benchmarks.deploy._figure import flash_figure
from benchmarks.large_heads import large_heads_figure
from benchmarks.mnist._figure import mnist_figure
from benchmarks.one_fit._figure import curves_figure, reliability_figure
from benchmarks.regression._figure import regression_figure
from benchmarks.uci._figure import families_figure
from scann_sklearn import SCANNClassifier, SchemeB
from scann_sklearn.inspection import ArchitectureDisplay, SynthesisHistoryDisplay

IMAGES = Path(__file__).parent.parent / "docs" / "images"
DPI = 160  # GitHub shows them at about 830 pixels


class FirstRound:
    """Callback that keeps the network that the first round of a synthesis leaves."""

    def __init__(self):
        self.kept = []  # filled in place, since a fit works with a copy of its callbacks' owner

    def setup(self, estimator, context):
        """Nothing to prepare."""

    def teardown(self, estimator, context):
        """Nothing to clear away."""

    def on_fit_task_begin(self, estimator, context):
        """Nothing to do yet."""

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        """Keep the first network."""
        if context.task_name == "round" and not self.kept:
            self.kept.append(fitted_estimator)


def before_and_after(before, after, X, feature_names):
    """Draw the network that a synthesis started with beside the one that it ended with."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, 2, figsize=(9.2, 5), layout="constrained")
    for ax, classifier, when in zip(axes, (before, after), ("Before", "After")):
        display = ArchitectureDisplay.from_estimator(classifier, X, feature_names=feature_names)
        display.plot(ax, colorbar=False)
        graph = display.graph
        n_inputs = len(graph.used_inputs)
        display.title_.set_text(f"{when}: {classifier.n_connections_:,} connections\n")
        display.note_.set_text(f"{n_inputs} of 64 pixels, {graph.n_hidden} hidden neurons")
        if n_inputs == graph.n_inputs:  # too many names to be read, and all bars are equal
            for artist in (*display.bars_, *display.input_labels_):
                artist.remove()
            ax.set_xlim(left=-0.02 * graph.depth)
        ax.set_xlabel("")
    return fig


def save(figure, name):
    """Write a figure with a palette, which halves its size."""
    from PIL import Image

    path = IMAGES / f"{name}.png"
    with BytesIO() as buffer:
        figure.savefig(buffer, dpi=DPI)
        with Image.open(buffer) as image:
            palette = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    palette.save(path, optimize=True)
    print(path)


def main():
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    import matplotlib as mpl

    mpl.use("Agg")
    X, y = load_digits(return_X_y=True)
    names = [f"pixel {i // 8},{i % 8}" for i in range(X.shape[1])]
    first = FirstRound()
    classifier = SCANNClassifier(n_connections=100, random_state=0).set_callbacks(first).fit(X, y)
    (before,) = first.kept
    save(before_and_after(before, classifier, X, names), "before_and_after")
    display = ArchitectureDisplay.from_estimator(classifier, X, feature_names=names)
    save(display.plot().figure_, "architecture")
    save(SynthesisHistoryDisplay.from_estimator(classifier).plot().figure_, "history")
    options = {"hidden_layer_sizes": (60,), "n_connections": 300, "random_state": 0}
    published = SCANNClassifier(SchemeB.as_published(iterations=4), **options)
    display = SynthesisHistoryDisplay.from_estimator(published.fit(X, y))
    save(display.plot().figure_, "published_history")
    drawings = {
        "deploy_flash": flash_figure,
        "large_heads": large_heads_figure,
        "regression": regression_figure,
        "uci_families": families_figure,
        "mnist": mnist_figure,
        "one_fit_curves": curves_figure,
        "one_fit_reliability": reliability_figure,
    }
    for name, draw in drawings.items():
        draw(IMAGES / f"{name}.png")
        print(IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
