"""Operations on large heads are measured; the records have what the table says of them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest
import torch

from benchmarks import large_heads


@pytest.mark.parametrize(("hidden", "n"), [(10, 10 * 64 + 45 + 5 * 74), ([8, 6], 64 * 8 + 48 + 30)])
def test_operations_drop_and_grow_what_they_say(hidden, n):
    records = dict(large_heads.operations(64, 5, hidden))
    assert records.keys() == large_heads.OPERATIONS.keys()
    assert records["seed"]["connections"] == records["seed"]["allowed"] == n
    for name in ("pruning", "pruning of a new seed"):
        assert 0.9 * 0.05 * n <= records[name]["connections"] <= 0.05 * n + 1
    growth = records["growth"]
    assert growth["connections"] == min(round(0.3 * n), growth["allowed"])
    assert all(record["gigabytes_above"] > 0 for record in records.values())
    if not torch.cuda.is_available():
        assert all(record["gigabytes_on_gpu"] == 0 for record in records.values())


def test_finished_heads_are_not_measured_again(tmp_path):
    heads = {"small": (30, 4, (5,))}
    records = large_heads.run(heads, tmp_path)
    (record,) = records
    assert (record["head"], record["hidden"]) == ("small", "5")
    assert record["operations"].keys() == large_heads.OPERATIONS.keys()
    text = records.path.read_text()
    large_heads.run(heads, tmp_path)
    assert records.path.read_text() == text


def test_heads_have_the_connections_of_their_backbones():
    from scann_sklearn.network._allowed import count_allowed

    sizes = {
        name: [
            count_allowed(n_inputs, sum(layers), n_outputs, layers)
            for layers in several
            if not isinstance(layers, int)
        ]
        for name, (n_inputs, n_outputs, several) in large_heads.HEADS.items()
    }
    assert sizes["VGG-16, layers"] == [123_633_664]
    assert sizes["MobileNetV2"] == [1_280_000]
