"""Exponentials of whole rows, for softmax: vectorised, where the library's are one by one."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from functools import cache
from math import factorial
from typing import NamedTuple

import numpy as np

from scann_sklearn.network._compile import kernel


class Scratch(NamedTuple):
    """Rows that the loss works in, and the numbers of the exponential in the data's dtype."""

    peak: np.ndarray
    total: np.ndarray
    power: np.ndarray
    bits: np.ndarray  # the memory of `power` as integers
    terms: np.ndarray
    exponent_bias: np.ndarray
    mantissa_bits: np.ndarray


def scratch(n_samples, dtype) -> Scratch:
    """Scratch for batches of so many samples."""
    peak, total, power = np.empty((3, n_samples), dtype)
    constants = _constants(np.dtype(dtype))
    return Scratch(peak, total, power, power.view(constants[1].dtype), *constants)


@cache
def _constants(dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Terms of the exponential, exponent bias and mantissa bits.

    exp(x) = 2^k exp(r) with |r| <= ln(2) / 2; the series of exp(r) is exact to rounding. 2^k is
    made from the bits of k + 1.5 · 2^mantissa_bits, whose low end is the integer k.
    """
    single = dtype == np.float32
    integer, bias, mantissa = (np.int32, 127, 23) if single else (np.int64, 1023, 52)
    series = [1.0 / factorial(i) for i in range(14)]
    # ln 2 in two parts, so that k times the first is exact
    high = 0.693359375 if single else 0.6931471803691238
    low = float(np.log(np.longdouble(2)) - np.longdouble(high))
    lowest = -87.0 if single else -708.0
    numbers = [*series, 1 / np.log(2), high, low, 1.5 * 2.0**mantissa, lowest]
    terms = np.array(numbers, dtype)
    return terms, np.array([bias], integer), np.array([mantissa], integer)


# Not reassociated: the rounding has to happen, and the two parts of ln 2 have to stay two.
@kernel(fastmath={"contract", "nnan", "ninf", "nsz"})
def _series(x, peak, result, power, t, m) -> None:
    """result = exp(r) and power = k + magic, where x - peak = k ln 2 + r.

    No two of the arrays may be the same: the compiler's vectorised loop assumes it.
    """
    t0, t1, t2, t3, t4, t5, t6, t7 = t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]
    t8, t9, t10, t11, t12, t13 = t[8], t[9], t[10], t[11], t[12], t[13]
    log2e, high, low, magic, lowest = t[14], t[15], t[16], t[17], t[18]
    for b in range(m):
        v = max(x[b] - peak[b], lowest)
        whole = v * log2e + magic  # rounds to an integer
        k = whole - magic
        r = (v - k * high) - k * low
        p = t10 + r * (t11 + r * (t12 + r * t13))
        p = t6 + r * (t7 + r * (t8 + r * (t9 + r * p)))
        p = t2 + r * (t3 + r * (t4 + r * (t5 + r * p)))
        result[b] = t0 + r * (t1 + r * p)
        power[b] = whole


@kernel
def softmax_terms(output, terms, work, m) -> None:
    """terms = exp(output - work.peak), with the peaks and the sums over the outputs in `work`."""
    peak, total, power, bits = work.peak, work.total, work.power, work.bits
    bias, shift = work.exponent_bias[0], work.mantissa_bits[0]
    for b in range(m):
        peak[b] = output[0, b]
        total[b] = 0
    for k in range(1, output.shape[0]):
        z = output[k]
        for b in range(m):
            peak[b] = max(peak[b], z[b])
    for k in range(output.shape[0]):
        z, term = output[k], terms[k]
        _series(z, peak, term, power, work.terms, m)
        for b in range(m):
            bits[b] = (bits[b] + bias) << shift
        for b in range(m):
            term[b] *= power[b]
            total[b] += term[b]
