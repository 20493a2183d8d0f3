"""Benchmarks can be run again: records of one version of the data, never lost, never mixed."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from benchmarks import _data, _results
from benchmarks._perceptrons import fit_perceptron
from benchmarks._records import Records, Task
from benchmarks.peers import tables
from benchmarks.uci import __main__ as uci
from tests._disk import full_disk


def _answer(value):
    if value == 2:
        raise RuntimeError("no answer")
    return {"answer": value}


def tasks(*values, sha256="abc"):
    return [Task(("some", value), _answer, (value,), sha256) for value in values]


def records(folder):
    return Records("some", ("data", "number"), folder)


def test_records_keep_what_was_finished(tmp_path):
    with pytest.raises(RuntimeError, match="no answer"):
        records(tmp_path).run(tasks(0, 1, 2, 3), 1, "")
    path = tmp_path / "some.jsonl"
    with path.open("a") as file:
        file.write('{"data": "some", "number": 3, "ans')  # the machine stops in a line
    torn = path.read_bytes()
    again = records(tmp_path)
    assert {key[1] for key in again.found} == {0, 1}
    assert path.read_bytes() == torn, "reading changes nothing"
    again.run(tasks(0, 1, 3), 1, "")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["number"] for line in lines if "number" in line] == [0, 1, 3]
    assert sum("environment" in line for line in lines) == 1
    assert [r["answer"] for r in records(tmp_path)] == [0, 1, 3]


def test_a_torn_first_line(tmp_path):
    (tmp_path / "some.jsonl").write_text('{"data": ')
    records(tmp_path).run(tasks(1), 1, "")
    assert [r["answer"] for r in records(tmp_path)] == [1]


def test_a_record_says_where_it_was_made(tmp_path):
    records(tmp_path).run(tasks(1), 1, "")
    again = records(tmp_path)
    made_in = again.environments[again["some", 1]["made_in"]]
    here = _results.environment()
    assert {name: made_in[name] for name in here} == here
    assert {"commit", "processor", "numpy"} <= set(here)


def test_records_of_other_data_are_not_taken_for_these(tmp_path):
    records(tmp_path).run(tasks(1), 1, "")
    before = (tmp_path / "some.jsonl").read_bytes()
    with pytest.raises(ValueError, match=r"other data \(sha256 abc, these are def\).*--into"):
        records(tmp_path).run(tasks(1, 3, sha256="def"), 1, "")
    records(tmp_path).run(tasks(1), 1, "")  # of the same data there is nothing left to do
    assert (tmp_path / "some.jsonl").read_bytes() == before


def test_a_run_that_fails_at_once_leaves_the_file(tmp_path):
    with pytest.raises(RuntimeError, match="no answer"):
        records(tmp_path).run(tasks(2), 1, "")
    assert not (tmp_path / "some.jsonl").exists()
    records(tmp_path).run(tasks(1), 1, "")
    before = (tmp_path / "some.jsonl").read_bytes()
    with pytest.raises(RuntimeError, match="no answer"):
        records(tmp_path).run(tasks(2, 3), 1, "")
    assert (tmp_path / "some.jsonl").read_bytes() == before


def test_a_full_disk_leaves_whole_lines(tmp_path):
    path = tmp_path / "some.jsonl"
    kept = {"data": "some", "number": 0, "sha256": "abc", "answer": "x" * 10**6}
    path.write_text(json.dumps(kept) + "\n")
    before = path.read_bytes()
    with full_disk(len(before) + 20), pytest.raises(OSError, match="File too large"):
        records(tmp_path).run(tasks(1), 1, "")
    assert path.read_bytes() == before


def test_a_damaged_line_is_named(tmp_path):
    (tmp_path / "some.jsonl").write_text('{"data": "some", "number": 0}\n{"data": \n')
    with pytest.raises(ValueError, match=r"some\.jsonl, line 2, is no record"):
        records(tmp_path)


# -------------------------------------------------------------------------- files of one table


def test_results_take_the_place_of_the_last_when_they_are_complete(tmp_path):
    first = _results.Run("some", tmp_path, seeds=[0])
    first.add({"a": 1})
    first.finish()
    before = (tmp_path / "some.json").read_bytes()
    second = _results.Run("some", tmp_path, seeds=[0])
    second.add({"a": 2}, {"a": 3})  # and the run fails
    assert (tmp_path / "some.json").read_bytes() == before
    assert _results.load("some.unfinished", tmp_path)["records"] == [{"a": 2}, {"a": 3}]
    assert second.finish() == tmp_path / "some.json"
    content = _results.load("some", tmp_path)
    assert list(content) == ["seeds", "environment", "records"]
    assert len(content["records"]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["some.json"]


def test_an_interrupted_run_goes_on(tmp_path):
    first = _results.Run("some", tmp_path)
    first.add({"number": 0}, {"number": 1})
    second = _results.Run("some", tmp_path)
    assert second.go_on() == 2
    second.add({"number": 2})
    second.finish()
    assert [r["number"] for r in _results.load("some", tmp_path)["records"]] == [0, 1, 2]
    assert _results.Run("some", tmp_path).go_on() == 0


def test_a_run_of_other_code_begins_anew(tmp_path):
    first = _results.Run("some", tmp_path)
    first.content["environment"]["commit"] = "another"
    first.add({"number": 0})
    assert _results.Run("some", tmp_path).go_on() == 0


def test_commit_of_the_code(tmp_path):
    def git(*words):
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", "-C", tmp_path, *identity, *words], check=True, capture_output=True)

    commit = _results.commit.__wrapped__
    git("init")
    assert commit(tmp_path) is None
    (tmp_path / "scann_sklearn").mkdir()
    (tmp_path / "scann_sklearn" / "code.py").write_text("1")
    git("add", "--all")
    git("commit", "-m", "first")
    found = commit(tmp_path)
    assert 4 <= len(found) <= 40
    assert int(found, 16)
    assert commit(tmp_path / "scann_sklearn") is None, "a copy inside another repository"
    (tmp_path / "benchmarks" / "results").mkdir(parents=True)
    (tmp_path / "benchmarks" / "results" / "some.jsonl").write_text("what a run writes")
    assert commit(tmp_path) == found
    (tmp_path / "scann_sklearn" / "code.py").write_text("2")
    assert commit(tmp_path) == found + "+dirty"


# ------------------------------------------------------------------------------------ the data


@pytest.fixture(scope="module")
def partial(tmp_path_factory):
    """A file that looks like a part of Sensorless Drive: 48 of the pixels of the digits."""
    X, y = load_digits(return_X_y=True)
    path = tmp_path_factory.mktemp("data") / "partial.txt"
    np.savetxt(path, np.column_stack([X[:500, 8:56], y[:500] + 1]), fmt="%d")
    return path


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """No official files, and none to be downloaded."""
    monkeypatch.setenv("SCANN_DATA_HOME", str(tmp_path / "home"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    _data._whole.cache_clear()
    _data.digest.cache_clear()
    yield
    _data._whole.cache_clear()
    _data.digest.cache_clear()


def command(monkeypatch, module, *words):
    """Exit status of a command."""
    monkeypatch.setattr(sys, "argv", ["command", *map(str, words)])
    with pytest.raises(SystemExit) as info:
        module.main()
    return info.value.code


def test_digest_is_of_the_content(partial, tmp_path):
    same, other = tmp_path / "same.txt", tmp_path / "other.txt"
    same.write_bytes(partial.read_bytes().replace(b"\n", b"\r\n"))
    other.write_bytes(partial.read_bytes().replace(b"7", b"8", 1))
    first, second, third = (
        _data.digest("sensorless", str(path)) for path in (partial, same, other)
    )
    assert first == second != third
    assert len(first) == 16
    assert _data.digest("digits") == _data.digest("digits") != first


def _perceptron(name, seed, file):
    parts = _data.load(name, seed, file)
    _, validation = fit_perceptron((20,), parts, "standard", seed, epochs=3)
    return {"validation": validation}


def one_fit(names, seeds, families, files, n_jobs, folder, quick):
    """In place of `uci.run`: one perceptron for a data set and seed."""
    found = Records(uci.NAME, uci.FIELDS, folder)
    cells = [(name, seed, files.get(name)) for name in names for seed in seeds]
    todo = [
        Task((name, seed, "dense"), _perceptron, (name, seed, file), _data.digest(name, file))
        for name, seed, file in cells
    ]
    found.run(todo, n_jobs, "")
    return found


def test_missing_data_are_told_and_the_others_done(
    partial, no_network, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(uci, "run", one_fit)
    words = ["--data", "har", "sensorless", "--seeds", 1, "--jobs", 1, "--into", tmp_path / "into"]
    assert command(monkeypatch, uci, *words, "--file", f"sensorless={partial}") == 1
    assert "har is left out (a partial file is given by --file): 'har/" in capsys.readouterr().err
    found = Records(uci.NAME, uci.FIELDS, tmp_path / "into")
    assert list(found.found) == [("sensorless", 0, "dense")]
    assert {r["sha256"] for r in found} == {_data.digest("sensorless", str(partial))}
    # Without the file nothing is done, and that is an error.
    before = found.path.read_bytes()
    assert command(monkeypatch, uci, *words) == 1
    error = capsys.readouterr().err
    assert "har is left out" in error
    assert "sensorless is left out" in error
    assert found.path.read_bytes() == before
    # Other data are noticed.
    other = tmp_path / "other.txt"
    other.write_bytes(partial.read_bytes().replace(b"7", b"8", 1))
    assert command(monkeypatch, uci, *words, "--file", f"sensorless={other}") == 1
    assert "records of other data" in capsys.readouterr().err
    assert found.path.read_bytes() == before


def test_wrong_option(monkeypatch, capsys):
    for text in ("letter=file", "sensorless=", "sensorless"):
        assert command(monkeypatch, uci, "--file", text) == 2
        assert "is not NAME=PATH with sensorless or har" in capsys.readouterr().err


def test_committed_records_say_what_they_are_of():
    for name, least in ((uci.NAME, 60), ("peers", 240)):
        found = Records(name, ("data", "seed", "family"))
        assert len(found.found) >= least
        assert {r["made_in"] for r in found} <= set(found.environments)
        versions = {(r["data"], r["sha256"]) for r in found}
        assert len(versions) == len({r["data"] for r in found}), "one version of each data set"


def test_only_records_of_the_same_data_are_compared(tmp_path):
    def line(seed, family, sha256, **content):
        cell = {"data": "d", "seed": seed, "family": family, "sha256": sha256}
        return json.dumps(cell | content) + "\n"

    def searched(seed, family, sha256):
        network = {"connections": 9, "bytes": 80, "energy": 1e-9, "test": 0.7}
        rows = dict.fromkeys(("best", "equal", "one_se"), network)
        rows["best"] = network | {"connections": 6000, "bytes": 30_000}
        frontier = [[4, 0.5, 0.6, 0.5], [9, 0.8, 0.7, 0.8], [6000, 0.9, 0.9, 0.9]]
        return line(seed, family, sha256, frontier=frontier, **rows)

    path, ours = tmp_path / "some.jsonl", tmp_path / "ours.jsonl"
    path.write_text("".join(line(seed, "tree", "a", points=[]) for seed in (0, 1)))
    # another version of the data, a seed without peers, and a family that peers have as well
    cells = (0, "SCANN", "a"), (1, "SCANN", "b"), (2, "SCANN", "a"), (0, "iterative", "a")
    ours.write_text("".join(searched(*cell) for cell in cells))
    peer, search = tables.read([path, ours, tmp_path / "none.jsonl"])
    assert [(r["family"], r["seed"], r["sha256"]) for r in (peer, search)] == [
        ("tree", 0, "a"),
        ("SCANN", 0, "a"),
    ]
    known, unknown = {"bytes": 80, "energy": 1e-9}, {"bytes": None, "energy": None}
    assert search["points"] == [
        {"connections": 4, "validation": 0.5, "test": 0.6} | unknown,
        {"connections": 9, "validation": 0.8, "test": 0.7} | known,
    ]
    assert set(search["networks"]) == {"one_se", "equal"}, "no tree has as many bytes"
    assert [r["seed"] for r in tables.read([path])] == [0, 1]
