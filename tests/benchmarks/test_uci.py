"""The families in small: equal fits, what is recorded of them, networks evaluated again."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import gzip
from io import BytesIO

import numpy as np
import pytest

from benchmarks import _data
from benchmarks._merit import tolerance
from benchmarks._perceptrons import Remembered
from benchmarks._records import Records
from benchmarks.uci import __main__ as uci, _columns, energy, goals, headlines, tables, verify
from benchmarks.uci._candidates import rounded_to_half
from benchmarks.uci._dense import Dense
from benchmarks.uci._families import Published, Synthesis
from benchmarks.uci._figure import families_figure
from benchmarks.uci._recipes import NAMES, Recipes
from benchmarks.uci._reduced import Reductions

FAMILIES = ("dense", *uci.SPARSE)


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uci")
    return uci.run(["digits"], [0], uci.SPARSE, {}, 1, folder, quick=True)


@pytest.fixture(scope="module")
def digits():
    return _data.load("digits", 0)


def test_large_weights_stay_what_they_are():
    values = np.geomspace(1e-9, 1e9, 999, dtype=np.float32)
    values[::2] *= -1
    rounded = rounded_to_half(values)
    assert rounded.dtype == np.float32
    np.testing.assert_allclose(rounded, values, rtol=2**-11)
    ordinary = (abs(values) > 1e-4) & (abs(values) < 6e4)
    np.testing.assert_array_equal(rounded[ordinary], values[ordinary].astype(np.float16))
    assert len(np.unique(np.frexp(rounded)[0] * 2**11 % 1)) == 1  # nothing behind 11 bits
    assert rounded_to_half(np.zeros(3, np.float32)).tolist() == [0, 0, 0]


def test_every_family_has_as_many_fits(quick):
    assert [key[2] for key in quick.found] == list(FAMILIES)
    for (*_, family), record in quick.found.items():
        assert record["n_fits"] == len(record["fits"])
        assert record["n_fits"] <= (1 if family == "default" else uci.QUICK_FITS)
        assert record["epochs"] == sum(fit["epochs"] for fit in record["fits"]) > 0
        assert sum(bool(fit["points"]) for fit in record["fits"]) > 0


@pytest.mark.parametrize("family", ["iterative", "one-shot", "RigL", "SCANN"])
def test_every_recipe_is_tried_from_the_first_start(quick, family):
    fits = quick["digits", 0, family]["fits"]
    assert [fit["recipe"] for fit in fits[:5]] == list(NAMES)
    assert len({fit["start"] for fit in fits[:5]}) == 1
    assert fits[5]["start"] != fits[0]["start"]
    attacks = [fit for fit in fits if "bound" in fit]
    assert all(size <= fit["bound"] for fit in attacks for size, _ in fit["points"][:1])


def test_rows_follow_their_rules(quick):
    dense = quick["digits", 0, "dense"]
    equal, one_se = dense["floors"]["equal"], dense["floors"]["one_se"]
    assert one_se == pytest.approx(equal - tolerance(equal, 360), abs=1e-5)
    for record in quick:
        points = record["frontier"]
        sizes, scores = [p[0] for p in points], [p[3] for p in points]
        assert sizes == sorted(set(sizes))
        assert scores == sorted(set(scores))
        for rule, floor in dense["floors"].items():
            enough = [size for size, *_, score in points if score >= floor - 1e-5]
            assert record[rule]["reached"] == bool(enough)
            assert record[rule]["connections"] == (min(enough) if enough else sizes[-1])


def test_a_second_run_does_nothing(quick):
    before = quick.path.read_text()
    uci.run(["digits"], [0], uci.SPARSE, {}, 1, quick.path.parent, quick=True)
    assert quick.path.read_text() == before


def test_networks_are_those_of_the_records(quick):
    assert verify.verify(quick, {}) == ([], ["digits"])


def test_networks_of_other_data_are_left_out(quick, tmp_path, capsys):
    sha256 = _data.digest("digits")
    changed = quick.path.read_text().replace(sha256, "0123456789abcdef")
    (tmp_path / quick.path.name).write_text(changed)
    other = Records(uci.NAME, uci.FIELDS, tmp_path)
    assert verify.verify(other, {}) == ([], [])
    assert f"other data (sha256 0123456789abcdef, these are {sha256})" in capsys.readouterr().err


def test_a_changed_network_is_noticed(quick, tmp_path, digits):
    folder = quick.path.parent / uci.MODELS
    path = _columns.network_file(folder, "digits", 0, "SCANN", "one_se")
    with np.load(BytesIO(gzip.decompress(path.read_bytes()))) as file:
        content = dict(file)
    content["weights"] = -content["weights"]
    changed = BytesIO()
    np.savez(changed, **content)
    (tmp_path / path.name).write_bytes(gzip.compress(changed.getvalue()))
    expected = quick["digits", 0, "SCANN"]["one_se"]
    data = Reductions(digits, 0)
    assert "the record has" in verify.problem(tmp_path / path.name, expected, data)
    assert verify.problem(tmp_path / "none.npz", expected, data) == "the file is missing"


def test_a_missing_teacher_is_named(quick, tmp_path):
    baseline = quick["digits", 0, "dense"]
    with pytest.raises(FileNotFoundError, match=r"digits-0\.npz.*run them again"):
        _columns.sparse("digits", 0, None, "SCANN", baseline, tmp_path, 1, True)


def test_a_remembered_teacher_knows_its_samples_only():
    known = Remembered(np.array([0, 1]), np.full((5, 2), 0.5))
    with pytest.raises(ValueError, match="Known are 5 samples, asked for 3"):
        known.predict_proba(np.zeros((3, 4)))


def test_the_tolerance_is_the_standard_error_of_a_share():
    rng = np.random.default_rng(0)
    shares = rng.binomial(400, 0.9, size=20_000) / 400
    assert tolerance(0.9, 400) == pytest.approx(shares.std(), rel=0.02)


def test_a_perceptron_is_dense_and_trained_once(digits):
    family = Dense(digits, Recipes(digits, "standard"), quick=True)
    model, epochs = family.fitted("20-10", "smooth", 0)
    assert model.n_connections_ == 64 * 20 + 20 * 10 + 10 * 10
    assert {record["operation"] for record in model.history_} == {"train"}
    assert epochs == 10
    assert model.label_smoothing == 0.1


def test_a_published_scheme_ends_at_its_size(digits):
    family = Published(digits, Recipes(digits, "standard"), quick=True)
    found, _ = family.fit("B 300", "plain", 0)
    assert min(one.connections for one in found) <= 300
    assert found[0].start == "B 300"


def test_continued_networks_are_smaller(digits):
    family = Synthesis(digits, Recipes(digits, "standard"), quick=True)
    found, _ = family.fit("B 100", "plain", 0)
    parent = found[len(found) // 2]
    smaller, epochs = family.continued(parent, parent.connections // 2, 1)
    assert min(one.connections for one in smaller) <= parent.connections // 2
    assert epochs > 0


def made(sizes, test=0.9):
    """Records of two data sets and two seeds: connections of the perceptrons and of SCANN."""
    records = Records("none", uci.FIELDS, "/nowhere")
    for (name, seed), (best, small, ours) in sizes.items():
        for family, connections in (("dense", (best, small)), ("SCANN", (ours, ours))):
            rows = zip(("best", "equal"), connections)
            own = {rule: {"connections": n, "test": test, "reached": True} for rule, n in rows}
            records.found[name, seed, family] = own
    return records


def test_compression_is_a_geometric_mean_with_an_interval():
    found = made({("dna", 0): (1000, 100, 10), ("dna", 1): (1000, 100, 40),
                  ("letter", 0): (400, 40, 4), ("letter", 1): (400, 40, 4)})  # fmt: skip
    ratio, low, high = tables.compression(found, "SCANN", "equal", tables.BEST)
    assert ratio == pytest.approx(np.sqrt(np.sqrt(100 * 25) * 100))
    assert low == pytest.approx(np.sqrt(25 * 100))
    assert high == pytest.approx(100)
    smallest = tables.compression(found, "SCANN", "equal", ("dense", "equal"))
    assert smallest[0] == pytest.approx(ratio / 10)
    assert tables.gain(found, "SCANN", "equal") == (0, 0, 0)


def test_tables_of_the_quick_records(quick, monkeypatch):
    monkeypatch.setattr(tables, "records", lambda: quick)
    for table in (tables.families_data, tables.families_compression, tables.families_size,
                  tables.families_accuracy, tables.families_effort, tables.families_best,
                  goals.families_reach, energy.families_energy):  # fmt: skip
        headings, rows = table()
        assert rows
        assert {len(row) for row in rows} == {len(headings)}
    assert tables.families_data()[1][-1] == ["digits", 1077, 360, 360, 64, 10, ""]
    row = dict(zip(*(energy.families_energy()[0], energy.families_energy()[1][0])))
    assert "without the reduction" in row["DR+SCANN, as accurate"]
    assert "without the reduction" not in row["SCANN, as accurate"]


def test_the_figure_has_a_panel_a_data_set(quick, tmp_path):
    families_figure(tmp_path / "families.png", quick)
    data = (tmp_path / "families.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = (int.from_bytes(data[i : i + 4]) for i in (16, 20))
    assert height < 2 * width  # one panel


def reach(sizes, energies, seeds):
    """Goals with records of SatIm: connections and energy of SCANN and of DR+SCANN."""
    found = Records("none", uci.FIELDS, "/nowhere")

    def put(seed, family, connections, energy):
        row = {"connections": connections, "energy": energy, "test": 0.9, "reached": True}
        rules = dict.fromkeys(("best", "equal", "one_se"), row)
        found.found["satimage", seed, family] = rules | {"n_samples": [3104, 1331, 2000]}

    for seed in range(5):
        put(seed, "dense", 9000, 7e-7)
        put(seed, "SCANN", sizes[0], energies[0])
    for seed in seeds:
        put(seed, "DR+SCANN", sizes[1], energies[1])
    return found


def test_goals_compare_the_same_seeds(monkeypatch):
    def rows(*arguments):
        monkeypatch.setattr(tables, "records", lambda: reach(*arguments))
        return {what: (seen, met) for what, _, seen, met in goals.families_reach()[1]}

    alone = rows((160, 90), (2e-8, 3e-8), ())
    assert alone["connections on SatIm, one standard error below, SCANN"] == (
        "160 (SCANN, 5 seeds)",
        "**no**",
    )
    assert not any("DR+SCANN" in what for what in alone)
    smaller = "connections on SatIm, one standard error below, the smaller of SCANN and DR+SCANN"
    few = rows((160, 90), (2e-8, 3e-8), (3,))
    assert few[smaller] == ("90 (DR+SCANN, 1 seed)", "**no**"), "the goal is of five seeds"
    all_seeds = rows((160, 90), (2e-8, 3e-8), range(5))
    assert all_seeds[smaller] == ("90 (DR+SCANN, 5 seeds)", "yes")
    what = "data sets where DR+SCANN has fewer connections than SCANN, as accurate"
    assert all_seeds[what] == ("1 of 1", "**no**")
    what = "data sets where DR+SCANN needs less energy, the reduction counted, than SCANN, {}"
    assert all_seeds[what.format("as accurate")] == ("0 of 1", "**no**")
    cheaper = rows((160, 90), (2e-8, 1e-8), range(5))
    assert cheaper[what.format("one standard error below")] == ("1 of 1", "**no**")


def test_headlines_count_the_perceptron_where_nothing_else_is_as_accurate(tmp_path, monkeypatch):
    found = Records(uci.NAME, uci.FIELDS, tmp_path)
    monkeypatch.setattr(tables, "records", lambda: found)
    floors = {"equal": 0.9, "one_se": 0.8}

    def put(family, connections, reached=True, **more):
        row = {"connections": connections, "reached": reached, "test": 0.9, "validation": 0.9}
        content = {"best": row, "equal": row, "one_se": row | {"reached": True}}
        found.found["letter", 0, family] = content | more

    put("dense", 1000, floors=floors)
    put("SCANN", 100, reached=False)
    put("iterative", 50, fits=[{"points": [[20, 0.7], [40, 0.85], [80, 0.89]]}])
    headings, rows = headlines.families_headline()
    assert {len(row) for row in rows} == {len(headings)}
    assert rows == [
        ["iterative pruning, search", 1, *["20.0×"] * 4, "1 of 1"],
        ["SCANN, search", 1, "1.0×", "1.0×", "10.0×", "10.0×", "0 of 1"],
        ["iterative pruning, one run", 1, "1.0×", "1.0×", "25.0×", "25.0×", "0 of 1"],
    ]
    _, ((_, best, *_, default),) = headlines.families_short()
    assert (best, default) == ("90.0 % with 1000", "–")
