"""The networks on MNIST in small: stages, records, networks evaluated again, tables by hand."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from itertools import pairwise

import pytest

from benchmarks._records import Records
from benchmarks.mnist import __main__ as rows, _figure, in_c, tables, verify
from benchmarks.mnist._fits import Fits, parts_of
from benchmarks.mnist._networks import NETWORKS

ALL = {"lenet-5": 430_500, "lenet-300-100": 266_200, "ciresan": 11_965_000, "small": 7860}


@pytest.fixture(scope="module")
def quick(mnist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mnist")
    return rows.run(["lenet-300-100"], ["teacher", "NeST"], [0], 1, folder, quick=True)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_are_those_of_the_papers(name):
    network = NETWORKS[name]
    maps = network.front_end(None)
    n_convolutions = 0 if maps is None else maps.build(network.shape).n_connections
    n_read = 784 if maps is None else maps.build(network.shape).target.size
    widths = (n_read, *network.hidden, 10)
    n_neurons = sum(a * b for a, b in pairwise(widths))
    assert n_convolutions + n_neurons == ALL[name]
    sizes = [stage.connections for stage in network.stages]
    assert sizes == sorted(sizes, reverse=True)
    assert {goal.connections for goal in network.goals} <= set(sizes)


def test_every_stage_goes_on_from_the_one_before(quick):
    sizes = ["7800", "3800", "3000"]
    recipes = ("teacher", "NeST")
    expected = {("lenet-300-100", recipe, 0, what) for recipe in recipes for what in sizes}
    expected |= {("lenet-300-100", "distorted", 0, "dense")}  # where the first one goes on
    assert set(quick.found) == expected | {("small", "distorted", 0, "dense")}  # the teacher
    for (*_, what), record in quick.found.items():
        assert record["connections"] <= (ALL[record["network"]] if what == "dense" else int(what))
        assert 0 <= record["lowest_test_error"] <= record["test_error"] < 0.9
        assert record["path"][-1][0] >= record["connections"] or what == "dense"
    before = quick.path.read_text()
    rows.run(["lenet-300-100"], ["teacher"], [0], 1, quick.path.parent, quick=True)
    assert quick.path.read_text() == before


def test_a_stage_without_the_one_before_says_so(quick, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"plain-0-7800\.joblib, which the fit before"):
        Fits("lenet-300-100", "plain", 0, tmp_path, quick=True).stage(1)


def test_networks_are_those_of_the_records(quick):
    def load(seed):
        return parts_of(seed, quick=True)

    assert verify.verify(quick, load) == []
    other = Records(rows.NAME, rows.FIELDS, quick.path.parent)
    other.found["lenet-300-100", "teacher", 0, "7800"]["test_error"] += 0.1
    (failure,) = verify.verify(other, load)
    assert failure.startswith("lenet-300-100-teacher-0-7800.npz.gz: test error 0.")


def test_networks_of_records_go_to_c(quick):
    folder = quick.path.parent
    in_c.run(folder, lambda seed: parts_of(seed, quick=True))
    found = tables.records(folder)
    assert {key for key, r in found.found.items() if r["in_c"]} == {
        key for key, r in found.found.items() if r["connections"] <= 10_000
    }
    for record in found:
        if code := record["in_c"]:
            assert code["macs"] >= record["connections"]
            assert code["test_error"] <= record["test_error"] + 0.05
            assert code["flash"] > 0


def record(error, validation, n=7800, **code):
    code = {"test_error": error, "flash": 6000, "ram": 2000, "macs": n} | code
    return {
        "connections": n,
        "test_error": error,
        "lowest_test_error": error - 0.001,
        "validation_error": validation,
        "in_c": code,
    }


def test_validation_chooses_the_recipe_of_a_row(tmp_path):
    found = Records(rows.NAME, rows.FIELDS, tmp_path)
    for recipe, errors in {"plain": (0.012, 0.014, 0.011), "teacher": (0.013, 0.015, 0.02)}.items():
        for seed, error in enumerate(errors):
            validation = 0.02 if recipe == "plain" else 0.01
            key = ("lenet-300-100", recipe, seed, "7800")
            found.found[key] = record(error, validation)
    _, ((text, goal, seen, met), in_c) = tables.mnist_reach(found)
    assert text == "LeNet-300-100, 7800 connections, distorted images, teacher"
    assert (goal, seen, met) == ("≤ 1.29 %", "1.50 (1.30-2.00) %", "**no**")
    assert in_c[2:] == ["1.50 %, 6000 B, 2000 B", "**no**"]
    _, table = tables.mnist_rows(found)
    assert table[0][-3:] == ["1.20 (1.10-1.40)", "1.10 (1.00-1.30)", "2.00"]
    _, (row,) = tables.mnist_short(found)
    assert row[:4] == ["LeNet-300-100", 7800, 3, "1.50 (1.30-2.00) %"]
    assert row[4] == "1.50 (1.30-2.00) %, 6000 B"
    assert row[5] == "1.29 % with 7800 (NeST); 1.44 % with 6300 (RigL+, best seen)"
    _, moves = tables.mnist_moves(found)
    assert moves == [["LeNet-300-100", "7800", "1.20", "–", "1.50", "–", "–"]]
    found.found["lenet-300-100", "NeST", 0, "7800"] = record(0.0129, 0.03)
    found.found["lenet-5", "NeST", 0, "4300"] = record(0.0070, 0.01, 60_000)
    nest = [row[1:] for row in tables.mnist_reach(found)[1] if "paper" in row[0]]
    assert nest[0] == ["≤ 0.77 %, 52500 multiplications", "0.70 %, 60000", "**no**"]
    assert nest[1] == ["≤ 1.29 %", "1.29 %", "yes"]
    found.found["lenet-5", "NeST", 0, "4300"]["in_c"] = None
    nest = [row[1:] for row in tables.mnist_reach(found)[1] if "paper" in row[0]]
    assert nest[0][1:] == ["0.70 %, not counted yet", "**no**"]
    _figure.mnist_figure(tmp_path / "mnist.png", found)
    assert (tmp_path / "mnist.png").stat().st_size > 10_000


def test_seeds_are_compared_with_themselves(tmp_path):
    found = Records(rows.NAME, rows.FIELDS, tmp_path)
    errors = {"plain": (0.02, 0.03, 0.05), "distorted": (0.015, 0.02), "teacher": (0.016,)}
    for recipe, of_seeds in errors.items():
        for seed, error in enumerate(of_seeds):
            key = ("lenet-300-100", recipe, seed, "3000")
            found.found[key] = {**record(error, 0.01), "seed": seed, "seconds": 60 * (seed + 1)}
    _, (row,) = tables.mnist_pairs(found)
    assert row[2:] == ["-0.75 (-1.00 to -0.50), 2", "+0.10, 1 seed", "–"]
    assert tables.best_recipe(found, "lenet-300-100", "3000") == "plain"  # it has the most seeds
    assert tables.best_recipe(found, "lenet-5", "40000") is None
    for what in ("7800", "3800"):
        of_size = {**record(0.01, 0.01), "seed": 0, "seconds": 90}
        found.found["lenet-300-100", "plain", 0, what] = of_size
    _, times = tables.mnist_time(found)
    assert times == [["LeNet-300-100", "plain images", 1, "–", "4.0"]]
