"""Draw the figures of the documentation: a synthesised network, its history, results of benchmarks.

    python -m benchmarks.figures

The figures of the peers are drawn by `benchmarks.peers.report`.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_digits

from benchmarks.deploy._figure import flash_figure
from benchmarks.reproduce._figure import energy_figure
from scann_sklearn import SCANNClassifier
from scann_sklearn.inspection import ArchitectureDisplay, SynthesisHistoryDisplay

IMAGES = Path(__file__).parent.parent / "docs" / "images"


def main():
    import matplotlib as mpl

    mpl.use("Agg")
    X, y = load_digits(return_X_y=True)
    names = [f"pixel {i // 8},{i % 8}" for i in range(X.shape[1])]
    classifier = SCANNClassifier(n_connections=100, random_state=0).fit(X, y)
    displays = {
        "architecture": ArchitectureDisplay.from_estimator(classifier, X, feature_names=names),
        "history": SynthesisHistoryDisplay.from_estimator(classifier),
    }
    for name, display in displays.items():
        path = IMAGES / f"{name}.png"
        display.plot().figure_.savefig(path, dpi=100)
        print(path)
    for draw, name in ((energy_figure, "uci_energy"), (flash_figure, "deploy_flash")):
        draw(IMAGES / f"{name}.png")
        print(IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
