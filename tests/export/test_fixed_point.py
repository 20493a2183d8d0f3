"""Integer arithmetic: what always holds, whatever the network and the input."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from scann_sklearn.export._fixed_point import SLOT_MAX, FixedPoint
from scann_sklearn.export._input_scale import input_scale
from scann_sklearn.export._program_of import program_of
from scann_sklearn.export._quantize import quantize_program
from scann_sklearn.model._program import Program
from tests.export._programs import random_program

SEEDS = st.integers(0, 2**32 - 1)
BITS = st.sampled_from([8, 16])


@settings(max_examples=60)
@given(SEEDS, BITS)
def test_sums_never_leave_32_bits(seed, bits):
    """Not with any input: the extreme integers of all signs go through."""
    rng = np.random.default_rng(seed)
    program = random_program(rng)
    X = rng.normal(size=(20, program.n_features)) * 10.0 ** rng.integers(-3, 4)
    fixed = quantize_program(program, X, bits)
    low, high = -fixed.scale.limit - 1, fixed.scale.limit
    Q = rng.choice([low, high, 0, 1], size=(50, program.n_features))
    largest = 0

    def sums(t, values):
        nonlocal largest
        assert values.size == 0 or (values.min() >= -SLOT_MAX - 1 and values.max() <= SLOT_MAX)
        row = program.row(t)
        partial = fixed.biases[t] * fixed.bias_unit
        largest = max(largest, abs(partial))
        for weight, value in zip(fixed.weights[row], values):
            partial = partial + weight * value  # in the order of the C code
            largest = max(largest, np.abs(partial).max())
        return partial + np.zeros(len(Q), np.int64)

    def finish(t, total):
        bound = SLOT_MAX if t < program.n_targets - program.n_outputs else 2**31
        return np.clip(total >> fixed.shifts[t], -bound - 1, bound)

    outputs = program.run(Q.astype(np.int64) * fixed.input_factor, sums, finish)
    assert largest < 2**31
    np.testing.assert_array_equal(outputs, fixed.outputs(Q))


@settings(max_examples=60)
@given(SEEDS)
def test_integers_fit_their_types(seed):
    rng = np.random.default_rng(seed)
    program = random_program(rng)
    X = rng.lognormal(sigma=2, size=(30, program.n_features))
    for bits in (8, 16):
        fixed = quantize_program(program, X, bits)
        assert np.abs(fixed.weights).max(initial=0) <= 2 ** (bits - 1) - 1
        assert np.abs(fixed.biases).max() <= 2**15 - 1
        assert 0 <= fixed.shifts.min() <= fixed.shifts.max() <= 31
        assert fixed.bias_unit & (fixed.bias_unit - 1) == 0


@settings(max_examples=40)
@given(SEEDS)
def test_16_bits_are_close_to_the_real_network(seed):
    rng = np.random.default_rng(seed)
    program = random_program(rng, n_outputs=4)
    X = rng.normal(size=(200, program.n_features))
    fixed = quantize_program(program, X, 16)
    exact, integer = program.outputs(X), fixed.outputs(fixed.quantize(X))
    # Up to one common scale the outputs are the same.
    scale = (exact * integer).sum() / max(np.square(integer.astype(float)).sum(), 1)
    assert np.abs(integer * scale - exact).max() <= 5e-3 * max(np.abs(exact).max(), 1e-12)


def test_more_bits_agree_more(digits_case):
    from scann_sklearn.export._program_of import program_of

    program, X = program_of(digits_case.model), digits_case.X
    decide = program.head.decide
    expected = decide(program.outputs(X))
    agree = {}
    for bits in (8, 16):
        fixed = quantize_program(program, X[::2], bits)
        agree[bits] = (decide(fixed.outputs(fixed.quantize(X))) == expected).mean()
    assert 0.97 <= agree[8] <= agree[16]
    assert agree[16] >= 0.999


def test_a_huge_weight_of_an_input_that_does_not_vary_is_cut_off():
    """As of a pixel at the border: with a scale that holds it, all other weights were 0."""
    rng = np.random.default_rng(0)
    program = Program(
        n_features=6,
        n_linear=0,
        n_outputs=1,
        inputs=np.arange(6, dtype=np.int32),
        indptr=np.array([0, 6], np.int32),
        sources=np.arange(6, dtype=np.int32),
        weights=np.array([1000.0, 0.5, -1.0, 0.7, 0.9, -0.8]),
        biases=np.zeros(1),
        classes=np.array([0, 1]),
    )
    X = rng.uniform(-1, 1, size=(2000, 6)) * (np.arange(6) > 0)
    fixed = quantize_program(program, X, 8)
    exact, integer = program.outputs(X)[:, 0], fixed.outputs(fixed.quantize(X))[:, 0]
    assert np.corrcoef(exact, integer)[0, 1] > 0.999
    assert fixed.weights[0] == 127
    X[:, 0] = rng.uniform(-1, 1, size=2000)  # that varies is what matters most
    fixed = quantize_program(program, X, 8)
    assert fixed.weights[0] == 127
    assert not fixed.weights[1:].any()


def test_values_between_saturate():
    """A neuron that gets a hundred times what calibration showed stays at its largest value."""
    one = np.array([1.0])
    program = Program(
        n_features=1,
        n_linear=0,
        n_outputs=1,
        inputs=np.array([0], np.int32),
        indptr=np.array([0, 1, 2], np.int32),
        sources=np.array([0, 1], np.int32),
        weights=np.concatenate([one, one]),
        biases=np.array([0.0, -0.5]),
        classes=np.array([0, 1]),
    )
    X = np.linspace(0, 1, 11)[:, None]
    fixed = quantize_program(program, X, 16)
    outputs = fixed.outputs(fixed.quantize(np.array([[0.0], [1], [100]])))[:, 0]
    assert outputs[0] < 0 < outputs[1] <= outputs[2]


def test_overflow_is_an_error():
    rng = np.random.default_rng(0)
    program = random_program(rng)
    fixed = quantize_program(program, rng.normal(size=(9, program.n_features)), 16)
    with pytest.raises(ValueError, match=r"target \d+ may reach \d+, beyond 32 bits"):
        FixedPoint(
            program, fixed.scale, fixed.weights * 40, fixed.biases, fixed.bias_unit, fixed.shifts
        )


# ---------------------------------------------------------------------------------- inputs


@pytest.mark.parametrize(
    ("column", "offset", "step"),
    [
        ([0, 100], 0, 1),  # as they are
        ([0, 1], 0, 1 / 64),
        ([-100, 5], 0, 1),
        ([27, 157], 92, 1),  # would not fit without an offset
        ([5, 5], 0, 1 / 16),
    ],
)
def test_whole_numbers_are_exact(column, offset, step):
    values = np.array(column, float)[:, None]
    scale = input_scale(values, 8)
    assert (scale.offset[0], scale.step[0]) == (offset, step)
    whole = np.arange(min(column), max(column) + 1)[:, None]
    np.testing.assert_array_equal(scale.quantize(whole) * scale.step + scale.offset, whole)


def test_whole_numbers_share_a_scale_where_that_costs_little():
    alike = np.array([[0, 10], [100, 90]])
    assert len(set(input_scale(alike, 8).step)) == 1
    different = np.array([[0, 0], [100, 1]])
    assert set(input_scale(different, 8).step) == {1, 1 / 64}


@settings(max_examples=50)
@given(SEEDS, BITS)
def test_real_numbers_are_rounded_to_the_nearest(seed, bits):
    rng = np.random.default_rng(seed)
    values = rng.uniform(-1, 1, (40, 3)) * 10.0 ** rng.integers(-5, 5, 3) + rng.normal(size=3)
    scale = input_scale(values, bits)
    inside = np.abs(values - scale.offset) <= scale.step * scale.limit
    assert inside.mean() > 0.9
    error = np.abs(scale.quantize(values) * scale.step + scale.offset - values)
    rounding = 1e-6 * np.abs(values)  # of float32, in which the device computes
    assert (error <= 0.51 * scale.step + rounding)[inside].all()


@pytest.mark.parametrize(("n_samples", "outlier"), [(150, 1e3), (150, 1e30), (2000, 1e6)])
def test_an_outlier_far_away_leaves_resolution_to_the_others(n_samples, outlier):
    values = np.random.default_rng(0).uniform(size=(n_samples, 1))
    values[0] = outlier
    scale = input_scale(values, 8)
    assert len(np.unique(scale.quantize(values[1:]))) > 100


@pytest.mark.parametrize("bits", [8, 16])
def test_an_outlier_far_away_leaves_the_classes_alone(iris_case, bits):
    program = program_of(iris_case.model)
    outlier = iris_case.X[:1] * [[1e6, 1, 1, 1]]
    code = quantize_program(program, np.vstack([iris_case.X, outlier]), bits)
    classes = program.head.predict(code.outputs(code.quantize(iris_case.X)))
    assert np.mean(classes == iris_case.model.predict(iris_case.X)) > 0.97


def test_outliers_do_not_take_the_range():
    rng = np.random.default_rng(0)
    values = np.append(rng.normal(size=5000), [1e3])[:, None]
    scale = input_scale(values, 8)
    assert scale.step[0] < 0.1
    assert scale.quantize(values[-1:]) == 127


def test_a_scale_beyond_single_precision_is_an_error():
    with pytest.raises(ValueError, match="whose scale doesn't fit into float32"):
        input_scale(np.array([[0.5], [1e300]]), 8)


def test_inputs_saturate():
    scale = input_scale(np.array([[0.0], [100.0]]), 8)
    np.testing.assert_array_equal(
        scale.quantize(np.array([[-1e30], [-128.4], [127.4], [1e30], [np.inf]]))[:, 0],
        [-128, -128, 127, 127, 127],
    )
