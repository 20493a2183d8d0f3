"""The record of a fit, and what it prints."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from itertools import pairwise

import numpy as np
import pytest

from ._helpers import short

KEYS = {
    "round",
    "operation",
    "epoch",
    "n_connections",
    "n_hidden",
    "learning_rate",
    "loss",
    "validation_score",
}


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_a_record_an_epoch(iris, scheme, engine):
    classifier = short(scheme, n_connections=40, engine=engine).fit(*iris)
    history = classifier.history_
    assert classifier.n_iter_ == len(history) > 10
    assert all(set(record) == KEYS for record in history)
    rounds = [record["round"] for record in history]
    assert rounds == sorted(rounds)
    assert set(rounds) == set(range(max(rounds) + 1))
    assert all(np.isfinite(record["loss"]) for record in history)
    # the validation score stands at the end of each phase, and only there
    last = [b["epoch"] == 1 for b in history[1:]] + [True]
    assert [record["validation_score"] is not None for record in history] == last


def test_operations_have_names(iris):
    found = {record["operation"] for record in short("A").fit(*iris).history_}
    assert found == {"train", "grow connections", "grow neurons", "prune connections"}


def test_growth_grows_and_pruning_prunes(wine):
    history = short(hidden_layer_sizes=(12,)).fit(*wine).history_
    for before, after in pairwise(history):
        if after["epoch"] > 1:
            assert after["n_connections"] == before["n_connections"]
        elif after["operation"] == "grow connections":
            assert after["n_connections"] > before["n_connections"]
        elif after["operation"] == "prune connections":
            assert after["n_connections"] < before["n_connections"]


def test_the_loss_falls(digits):
    history = short("C", n_connections=1.0).fit(*digits).history_
    assert history[7]["loss"] < 0.6 * history[0]["loss"]


def test_the_path_comes_from_the_history(iris):
    classifier = short().fit(*iris)
    recorded = {
        (record["n_connections"], record["validation_score"]) for record in classifier.history_
    }
    assert {(p.n_connections, p.validation_score) for p in classifier.path_} <= recorded


def test_history_is_plain(iris):
    import json

    history = short().fit(*iris).history_
    assert json.loads(json.dumps(history)) == history


@pytest.mark.parametrize("verbose", [0, False])
def test_silence(iris, capfd, verbose):
    short(verbose=verbose).fit(*iris)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("verbose", [1, True])
def test_verbose_prints_a_line_a_round(iris, capfd, verbose):
    classifier = short(verbose=verbose, n_connections=40).fit(*iris)
    out, err = capfd.readouterr()
    *lines, last = out.splitlines()
    assert err == ""
    assert last.startswith(f"chosen: {classifier.n_connections_} connections, ")
    assert len(lines) == classifier.history_[-1]["round"] + 1
    for number, line in enumerate(lines):
        assert line.startswith(f"round {number}: ")
        assert "connections" in line
        assert "score" in line
