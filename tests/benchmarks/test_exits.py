"""The comparison of early exits in small: what is recorded and what is chosen of it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest

from benchmarks.exits import __main__ as exits, sections, tables


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    return exits.run(["digits"], [0], {}, 1, tmp_path_factory.mktemp("exits"), quick=True)


def test_as_many_fits_with_exits_as_without(quick):
    fits = quick["digits", 0]["fits"]
    kinds = [(fit["bound"], fit["start"], fit["kind"]) for fit in fits]
    assert kinds.count((200, "C 100", "with")) == kinds.count((200, "C 100", "without")) == 2
    assert all(p["connections"] <= fit["bound"] for fit in fits for p in fit["points"])


def test_energy_is_the_mean_over_the_samples_that_leave(quick):
    for fit in quick["digits", 0]["fits"]:
        for point in fit["points"] if fit["kind"] == "with" else ():
            for leaving in point["thresholds"]:
                assert sum(leaving["shares"]) == pytest.approx(1, abs=1e-3)
                assert 0 < leaving["energy"] <= point["energy"] * (1 + 1e-9)
                assert leaving["shares"][-1] < 1 or leaving["energy"] == point["energy"]


def test_choices_are_by_validation_data(quick):
    record = quick["digits", 0]
    ref = tables.reference(record)
    assert ref.validation == max(n.validation for n in tables.networks(record, "without"))
    everywhere = tables.networks(record, "with")
    found = tables.cheapest(everywhere, ref.validation - 0.1)
    assert found.validation >= ref.validation - 0.1
    cheaper = [n for n in everywhere if n.expected < found.expected]
    assert all(n.validation < ref.validation - 0.1 for n in cheaper)
    assert tables.cheapest(everywhere, 1.1) is None
    assert 0 < ref.validation - tables.floor_of(record, "one_se") < 0.02
    (pair,) = tables.pairs([record], "one_se")
    assert pair[0] == ref
    assert pair[1] == ref or pair[1].validation >= tables.floor_of(record, "one_se")
    own = tables.of_the_same_bound(record, ref, 0.0)
    assert {n.fit["distillation"] for n in own} == {0.0}
    assert {n.fit["bound"] for n in own} == {ref.fit["bound"]}


def test_tables_of_the_records(quick, monkeypatch):
    monkeypatch.setattr(tables, "records", lambda: quick)
    for table in (tables.exits_energy, tables.exits_energy_one_se):
        headings, rows = table()
        assert [len(row) for row in rows] == [len(headings)]
        assert rows[0][0] == "digits"
        shares = rows[0][5]
        assert shares == "–" or np.sum([float(s) for s in shares.split("/")]) == pytest.approx(
            100, abs=2
        )
    assert [row[0] for row in tables.exits_distillation()[1]] == ["λ = 0.5", "λ = 0"]
    assert {row[3] for row in tables.exits_reach()[1]} <= {"yes", "**no**"}


def test_sections_of_images(monkeypatch):
    """The first and the last setting on a few digits, in a few epochs."""
    settings = list(sections.SETTINGS)[:: len(sections.SETTINGS) - 1]
    few = {"n": (150, 60), "epochs": (20, 1, 1), "settings": settings}
    monkeypatch.setitem(sections.TASKS, "digits", sections.TASKS["digits"] | few)
    monkeypatch.setattr(sections, "BOUND", 1000)
    records = sections.measure("digits", 0)
    assert [r["setting"] for r in records] == [*settings, "without exits"]
    assert [r["distillation"] for r in records[:-1]] == [0.5, 0.0]
    published, ours, without = records
    assert ours["connections"] <= 1000 < published["connections"]
    assert ours["energies"][0] < published["energies"][0]
    for record in records[:-1]:
        assert record["n_samples"][:2] == [150, 60]
        assert abs(record["epochs"] - without["epochs"]) < 3
        for rule in ("searched", "common"):
            chosen = record[rule]
            assert sum(chosen["shares"]) == pytest.approx(1, abs=1e-3)
            mean = np.dot(chosen["shares"], record["energies"])
            assert chosen["energy"] == pytest.approx(mean, rel=1e-3)
        assert len(set(record["common"]["thresholds"])) == 1
    headings, rows = sections.table(records)
    assert all(len(row) == len(headings) for row in rows)
    assert [row[0] for row in rows] == ["without exits", *settings]
