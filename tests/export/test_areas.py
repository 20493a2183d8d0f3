"""Maps that are computed within areas, exported: what is stored, multiplied and written."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace

import numpy as np
import onnx
import pytest

from scann_sklearn.export import SparseModel, to_c, to_onnx
from scann_sklearn.export._c_report import _MAP_BYTES
from scann_sklearn.export._program_of import program_of
from tests.export._maps import FRONTS, random_maps

DTYPES = ["float32", "int16", "int8"]


def whole(model):
    """The same network with every position."""
    network = model.model.network
    stages = [
        replace(stage, area=None) if stage in network.front.layers else stage
        for stage in network.front.stages
    ]
    front = replace(network.front, stages=tuple(stages))
    return replace(model.model, network=replace(network, front=front))


def test_the_version_of_a_file_is_the_oldest_that_knows_it(tmp_path):
    """Files of maps that are computed everywhere are read by older releases."""
    for name, version in (("two", 4), ("areas", 5)):
        model, X = random_maps(FRONTS[name])
        path = tmp_path / f"{name}.npz"
        SparseModel.from_estimator(model).save(path)
        with np.load(path) as arrays:
            assert arrays["version"] == version
            assert ("front_areas" in arrays) == (version == 5)
        np.testing.assert_allclose(
            SparseModel.load(path).predict_proba(X), model.predict_proba(X), atol=1e-9
        )


@pytest.mark.parametrize("areas", [np.zeros(3, np.uint8), np.zeros(50, np.uint16)])
def test_damaged_areas(areas):
    program = program_of(random_maps(FRONTS["areas"])[0])
    with pytest.raises(ValueError, match=r"areas of the maps have \d+ bytes of uint"):
        replace(program, front=replace(program.front, areas=areas))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_report_counts_what_is_computed(tmp_path, dtype):
    """By hand: products within areas of what a window reads, and a bit for each position."""
    model, X = random_maps(FRONTS["areas"])
    report = to_c(model, tmp_path / "net.h", dtype=dtype, calibration=X)
    first, _, second = model.model.network.front.stages
    read = first.area[:, :8, :6].sum(axis=(1, 2))  # of 9 x 7 in windows of 2 x 2
    counts = (np.diff(first.indptr), np.diff(second.indptr))
    products = counts[0] @ read + counts[1] @ second.area.sum(axis=(1, 2))
    assert report.operations.macs == products + model.model.network.topology.n_connections
    everywhere = to_c(type(model)(whole(model)), tmp_path / "whole.h", dtype=dtype, calibration=X)
    assert report.operations.macs < 0.8 * everywhere.operations.macs
    mask = first.n_maps * 6 + second.n_maps * 2  # of 8 x 6 and 4 x 3 positions
    assert report.flash_bytes - everywhere.flash_bytes == mask + 2 * _MAP_BYTES[dtype][-1]
    if dtype != "float32":
        assert report.instructions < everywhere.instructions


def test_onnx_computes_everything_and_sets_zeros():
    """There is no partial convolution in ONNX."""
    graph = to_onnx(random_maps(FRONTS["areas"])[0]).graph
    kinds = [node.op_type for node in graph.node if node.op_type in ("Conv", "Mul", "MaxPool")]
    assert kinds == ["Conv", "Mul", "MaxPool", "Conv", "Mul"]
    masks = [onnx.numpy_helper.to_array(t) for t in graph.initializer if t.name.endswith("_area")]
    assert [set(np.unique(mask)) for mask in masks] == [{0, 1}, {0, 1}]
