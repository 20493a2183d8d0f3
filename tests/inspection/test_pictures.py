"""The displays look as they did: small pictures compared with committed ones, and with the data.

Two kinds of tests, so that they hold on other machines and still can fail. The committed pictures
have no letters (see `pictures.py`); the tolerance is for edges that another processor smoothes
otherwise (matplotlib 3.9 and 3.11 draw the same pixels). That the smallest change that matters (a
connection gone, a sign turned, an operation or a point elsewhere) lies far beyond it is tested too.
Nets that are really fitted are compared with nothing committed: every line has to paint its own
colour.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from functools import partial

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.testing.compare import compare_images
from scipy.spatial import cKDTree

from scann_sklearn.inspection import ArchitectureDisplay

from ._walk import connections
from .pictures import CONNECTIONS, IMAGES, PHASES, PICTURES, SCORE, STYLE, render

TOLERANCE = 0.4  # root of the mean squared difference, of 255


def _with(items, i, **changes):
    """The same list, with some places of one item changed."""
    item = list(items[i])
    for place, value in changes.items():
        item[int(place[1:])] = value
    return [*items[:i], tuple(item), *items[i + 1 :]]


CHANGES = {
    "a connection gone": ("architecture", CONNECTIONS[:6] + CONNECTIONS[7:]),
    "another source": ("architecture", _with(CONNECTIONS, 6, _0=1)),
    "another sign": ("architecture", _with(CONNECTIONS, 7, _2=-1.2)),
    "another sign of the smallest": ("architecture", _with(CONNECTIONS, 4, _2=-0.05)),
    "a pruning not marked": ("history", _with(PHASES, 4, _0="train")),
    "another growth": ("history", _with(PHASES, 2, _0="grow connections")),
    "another size": ("history", _with(PHASES, 5, _2=100)),
    "another score": ("history", _with(PHASES, 3, _3=0.95)),
    "a lower point": ("front", [*SCORE[:3], 0.86, *SCORE[4:]]),
    "a lower model": ("models", [*SCORE[:3], 0.86, *SCORE[4:]]),
    "a lower candidate": ("search", [*SCORE[:3], 0.86, *SCORE[4:]]),
}


def _difference(make, name, folder):
    """Root of the mean squared difference between a picture and the committed one."""
    expected = folder / f"{name}-expected.png"  # matplotlib leaves a third picture beside it
    expected.write_bytes((IMAGES / f"{name}.png").read_bytes())
    actual = render(make, folder / f"{name}.png")
    different = compare_images(str(expected), str(actual), tol=0, in_decorator=True)
    return different["rms"] if different else 0.0


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_the_committed_one(name, tmp_path):
    assert _difference(PICTURES[name], name, tmp_path) <= TOLERANCE


@pytest.mark.parametrize("change", CHANGES)
def test_tolerance_is_below_any_change_of_the_data(change, tmp_path):
    name, data = CHANGES[change]
    assert _difference(partial(PICTURES[name], data), name, tmp_path) > 2 * TOLERANCE


def _pixels(figure):
    """Colours on the canvas, shape (height, width, 3), the first row at the bottom."""
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[::-1, :, :3] / 255


@pytest.mark.parametrize("classifier", ["flower", "tumour", 20], indirect=True)
def test_every_line_paints_its_colour_where_it_runs_alone(classifier):
    with mpl.style.context(STYLE):
        ax = plt.figure(figsize=(8, 6), dpi=200).add_axes((0.2, 0.1, 0.7, 0.8))
        display = ArchitectureDisplay.from_estimator(classifier).plot(ax, colorbar=False)
        for bar_or_node in (*display.bars_, *display.nodes_.values()):
            bar_or_node.set_visible(False)
        painted = _pixels(display.figure_)
    lines = display.connections_
    points = [_dense(ax.transData.transform(curve)) for curve in lines.get_segments()]
    thickest = max(lines.get_linewidths()) * 200 / 72
    edges = connections(classifier)
    limit = np.quantile([abs(w) for *_, w in edges], 0.98, method="higher")
    checked = 0
    for source, target, weight in edges:
        ends = ax.transData.transform(display.positions[[source, target]])
        i = int(np.argmin([np.abs(p[[0, -1]] - ends).sum() for p in points]))
        others = cKDTree(np.vstack([p for j, p in enumerate(points) if j != i]))
        distance = others.query(points[i])[0]
        if distance.max() < thickest + 2:
            continue  # hidden among others on its whole way
        x, y = points[i][distance.argmax()].astype(int)
        shade = 0.5 + 0.5 * np.sign(weight) * np.sqrt(min(abs(weight) / limit, 1))
        color, alpha = np.array(mpl.colormaps["coolwarm"](shade)[:3]), lines.get_alpha()[i]
        np.testing.assert_allclose(painted[y, x], alpha * color + 1 - alpha, atol=0.02)
        checked += 1
    assert checked >= 0.9 * classifier.n_connections_


def _dense(curve):
    """Points of a curve, in pixels, less than two of them apart."""
    t = np.linspace(0, 1, 1000)
    at = np.linspace(0, 1, len(curve))
    return np.column_stack([np.interp(t, at, axis) for axis in curve.T])


@pytest.mark.parametrize("classifier", ["flower", "layered", 300], indirect=True)
def test_every_node_stands_above_the_lines(classifier):
    with mpl.style.context(STYLE):
        display = ArchitectureDisplay.from_estimator(classifier).plot()
        painted = _pixels(display.figure_)
    for nodes in display.nodes_.values():
        for x, y in display.ax_.transData.transform(nodes.get_offsets()).astype(int):
            np.testing.assert_allclose(painted[y, x], nodes.get_facecolor()[0, :3], atol=0.01)
