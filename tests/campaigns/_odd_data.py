"""Data as no textbook has them: drawn by a generator, described by words."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import tempfile

import numpy as np
import pandas as pd
from scipy import sparse

_LENGTHS = (0, 1, 2, 3, 4, 7, 12, 20, 30, 60, 60, 90, 120)
_WIDTHS = (0, 1, 1, 2, 3, 4, 4, 8, 16, 40)
_VALUES = {
    "normal": lambda rng, s: rng.normal(size=s),
    "integers": lambda rng, s: rng.integers(-5, 6, s).astype(float),
    "bits": lambda rng, s: rng.integers(0, 2, s).astype(float),
    "constant": lambda rng, s: np.full(s, rng.choice([0.0, 1.0, -7.5, 1e30])),
    "huge": lambda rng, s: rng.normal(size=s) * 10.0 ** rng.choice([30, 150, 300, 307]),
    "tiny": lambda rng, s: rng.normal(size=s) * 10.0 ** rng.choice([-30, -150, -300, -310]),
    "far": lambda rng, s: rng.normal(size=s) + 10.0 ** rng.choice([8, 15, 100]),
    "heavy": lambda rng, s: rng.standard_cauchy(s) ** 3,
    "mixed": lambda rng, s: rng.normal(size=s) * 10.0 ** rng.integers(-200, 200, s[-1:]),
    "one row": lambda rng, s: np.repeat(rng.normal(size=(1, *s[1:])), s[0], axis=0),
    "alternating": lambda rng, s: np.where(rng.random(s) < 0.5, -1.7e308, 1.7e308),
}


def _spoiled(value):
    def spoil(X, rng):
        X = np.array(X, float)
        if X.size:
            X.flat[rng.integers(X.size)] = value
        return X

    return spoil


def _csr(kind):
    def convert(X, rng):
        return getattr(sparse, kind)(np.where(np.abs(X) > np.median(np.abs(X)), X, 0))

    return convert


def _unsorted(X, rng):
    """A CSR matrix with duplicates, explicit zeros and unsorted indices."""
    n, d = X.shape
    rows, columns = rng.integers(0, max(n, 1), 3 * n), rng.integers(0, max(d, 1), 3 * n)
    values = rng.choice([0.0, 1.0, -2.5], 3 * n)
    order = np.argsort(rows, kind="stable")
    indptr = np.searchsorted(rows[order], np.arange(n + 1))
    return sparse.csr_array((values, columns, indptr), shape=(n, d))


def _outside(X, rng):
    """A CSR matrix whose indices lead out of it."""
    found = sparse.csr_array(X)
    if found.nnz:
        found.indices[rng.integers(found.nnz)] = rng.choice([10**6, -1, -(10**6), X.shape[1]])
    return found


def _memmap(X, rng):
    with tempfile.NamedTemporaryFile() as file:
        np.save(file, np.asarray(X, float))
        file.flush()
        return np.load(file.name, mmap_mode="r")


def _cast(dtype):
    def convert(X, rng):
        with np.errstate(all="ignore"):
            return np.asarray(X, float).astype(dtype)

    return convert


_FORMS = {
    "NaN": _spoiled(np.nan),
    "inf": _spoiled(np.inf),
    "-inf": _spoiled(-np.inf),
    "float16": _cast(np.float16),
    "float32": _cast(np.float32),
    "longdouble": _cast(np.longdouble),
    "int8": lambda X, rng: np.nan_to_num(X).clip(-99, 99).astype(np.int8),
    "uint64": lambda X, rng: np.abs(np.nan_to_num(X)).clip(0, 1e18).astype(np.uint64),
    "bool": lambda X, rng: X > 0,
    "objects": lambda X, rng: X.astype(object),
    "objects with None": lambda X, rng: np.where(rng.random(X.shape) < 0.2, None, X),
    "strings": lambda X, rng: X.astype(str),
    "words": lambda X, rng: np.where(rng.random(X.shape) < 0.5, "a", "b"),
    "bytes": lambda X, rng: X.astype("S8"),
    "complex": lambda X, rng: X.astype(complex),
    "dates": lambda X, rng: np.zeros(X.shape, "M8[s]"),
    "list": lambda X, rng: X.tolist(),
    "ragged": lambda X, rng: [row[: rng.integers(1, 4)].tolist() for row in X],
    "one dimension": lambda X, rng: X.ravel(),
    "three dimensions": lambda X, rng: X[:, None],
    "memmap": _memmap,
    "read-only": lambda X, rng: (X.setflags(write=False), X)[1],
    "Fortran": lambda X, rng: np.asfortranarray(X),
    "strided": lambda X, rng: np.repeat(X, 2, axis=1)[:, ::2],
    "reversed": lambda X, rng: X[::-1, ::-1],
    "broadcast": lambda X, rng: np.broadcast_to(X[:1], X.shape),
    "big endian": lambda X, rng: X.astype(">f8"),
    "matrix": lambda X, rng: np.asmatrix(X),
    "masked": lambda X, rng: np.ma.masked_array(X, rng.random(X.shape) < 0.1),
    "record": lambda X, rng: np.zeros(len(X), [("a", "f8"), ("b", "i4")]),
    "frame": lambda X, rng: pd.DataFrame(X, columns=[f"c{i}" for i in range(X.shape[1])]),
    "frame of categories": lambda X, rng: pd.DataFrame(X).astype("category"),
    "frame with missing": lambda X, rng: pd.DataFrame(X).where(rng.random(X.shape) < 0.9),
    "nullable": lambda X, rng: pd.DataFrame(X).astype("Float64"),
    "csr": _csr("csr_array"),
    "csc": _csr("csc_array"),
    "coo": _csr("coo_matrix"),
    "dok": _csr("dok_array"),
    "bsr": _csr("bsr_matrix"),
    "unsorted": _unsorted,
    "outside": _outside,
    "nothing": lambda X, rng: None,
    "a number": lambda X, rng: 3.5,
    "a text": lambda X, rng: "spam",
    "a dict": lambda X, rng: {"a": [1, 2]},
    "a set": lambda X, rng: {1.0, 2.0},
}


def draw_X(rng, shape=None, odd=0.4):
    """Features and the words for them."""
    lengths, widths = (_LENGTHS, _WIDTHS) if rng.random() < odd else (_LENGTHS[6:], _WIDTHS[3:])
    n, d = shape or (int(rng.choice(lengths)), int(rng.choice(widths)))
    values = str(rng.choice(list(_VALUES))) if rng.random() < odd else "normal"
    with np.errstate(all="ignore"):
        X = _VALUES[values](rng, (n, d))
        if n and d and rng.random() < 0.2:
            X[:, rng.integers(d)] = rng.choice([0.0, 3.0, 1e300])
        form = str(rng.choice(list(_FORMS))) if rng.random() < odd else "plain"
        if form != "plain":
            try:
                X = _FORMS[form](X, rng)
            except (ValueError, IndexError, TypeError):  # no such form of an empty table
                form = "plain"
    return X, f"X {n}x{d} {values} {form}"


def _labels(rng, n):
    return rng.integers(0, int(rng.choice([1, 2, 2, 3, 4, 9])), n)


_CLASSES = {
    "integers": _labels,
    "words": lambda rng, n: np.array(["ab", "c", "ü"])[rng.integers(0, 3, n)],
    "objects": lambda rng, n: np.array(["a", "b"], object)[rng.integers(0, 2, n)],
    "mixed": lambda rng, n: np.array([1, "b", None], object)[rng.integers(0, 3, n)],
    "bool": lambda rng, n: rng.random(n) < 0.5,
    "floats": lambda rng, n: _labels(rng, n).astype(float),
    "float16": lambda rng, n: _labels(rng, n).astype(np.float16),
    "negative": lambda rng, n: _labels(rng, n) * -(2**40) - 1,
    "all different": lambda rng, n: np.arange(n),
    "one rare": lambda rng, n: (np.arange(n) == n - 1).astype(int),
    "indicators": lambda rng, n: rng.integers(0, 2, (n, int(rng.choice([1, 2, 3])))),
    "constant indicators": lambda rng, n: np.repeat([[0, 1, 1]], n, axis=0),
    "sparse indicators": lambda rng, n: sparse.csr_array(rng.integers(0, 2, (n, 3))),
    "column": lambda rng, n: _labels(rng, n)[:, None],
    "list": lambda rng, n: _labels(rng, n).tolist(),
    "categories": lambda rng, n: pd.Series(_labels(rng, n)).astype("category"),
    "missing": lambda rng, n: np.where(rng.random(n) < 0.1, np.nan, _labels(rng, n)),
    "continuous": lambda rng, n: rng.normal(size=n),
    "dates": lambda rng, n: np.array(_labels(rng, n), "M8[D]"),
    "bytes": lambda rng, n: np.array([b"a", b"b"])[rng.integers(0, 2, n)],
    "sets": lambda rng, n: [{1}, {2}] * (n // 2),
}
_NUMBERS = {
    "normal": lambda rng, n: rng.normal(size=n),
    "integers": lambda rng, n: rng.integers(-9, 9, n),
    "constant": lambda rng, n: np.full(n, rng.choice([0.0, 5.0, 1e308])),
    "huge": lambda rng, n: rng.normal(size=n) * 10.0 ** rng.choice([100, 300, 307]),
    "tiny": lambda rng, n: rng.normal(size=n) * 1e-310,
    "far": lambda rng, n: rng.normal(size=n) + 1e16,
    "extremes": lambda rng, n: np.where(rng.random(n) < 0.5, -1.7e308, 1.7e308),
    "table": lambda rng, n: rng.normal(size=(n, int(rng.choice([1, 2, 5])))),
    "uneven": lambda rng, n: rng.normal(size=(n, 2)) * [1e-200, 1e200],
    "NaN": lambda rng, n: np.where(rng.random(n) < 0.1, np.nan, 1.0),
    "inf": lambda rng, n: np.where(rng.random(n) < 0.1, np.inf, 1.0),
    "objects": lambda rng, n: rng.normal(size=n).astype(object),
    "words": lambda rng, n: np.array(["a", "1.5"])[rng.integers(0, 2, n)],
    "bool": lambda rng, n: rng.random(n) < 0.5,
    "complex": lambda rng, n: rng.normal(size=n) * 1j,
    "float16": lambda rng, n: rng.normal(size=n).astype(np.float16),
    "list": lambda rng, n: rng.normal(size=n).tolist(),
    "three dimensions": lambda rng, n: rng.normal(size=(n, 2, 2)),
}


def draw_y(rng, n, is_regression, odd=0.4):
    """Targets and the words for them."""
    kinds = _NUMBERS if is_regression else _CLASSES
    name = str(rng.choice(list(kinds))) if rng.random() < odd else next(iter(kinds))
    length = n if rng.random() < 0.95 else max(0, n + int(rng.choice([-1, 1, 50])))
    if rng.random() < 0.02:
        return rng.choice([None, 3, "spam"]), "no y"
    with np.errstate(all="ignore"):
        return kinds[name](rng, length), f"y {length} {name}"


_WEIGHTS = {
    "ones": lambda rng, n: np.ones(n),
    "some zero": lambda rng, n: rng.integers(0, 2, n),
    "zero": lambda rng, n: np.zeros(n),
    "one": lambda rng, n: (np.arange(n) == 0) * 1.0,
    "NaN": lambda rng, n: np.full(n, np.nan),
    "inf": lambda rng, n: np.full(n, np.inf),
    "negative": lambda rng, n: -np.ones(n),
    "huge": lambda rng, n: np.full(n, 1.7e308),
    "tiny": lambda rng, n: np.full(n, 1e-320),
    "uneven": lambda rng, n: 10.0 ** rng.integers(-300, 300, n),
    "short": lambda rng, n: np.ones(max(0, n - 1)),
    "table": lambda rng, n: np.ones((n, 1)),
    "a number": lambda rng, n: rng.choice([0, 1, -1, np.nan, np.inf, 2.5]),
    "words": lambda rng, n: np.full(n, "a"),
    "objects": lambda rng, n: np.full(n, 1, object),
    "bool": lambda rng, n: rng.random(n) < 0.5,
    "sparse": lambda rng, n: sparse.csr_array(np.ones((1, n))),
}


def draw_weights(rng, n, odd=0.3):
    """Sample weights and the words for them; mostly none."""
    if rng.random() > odd:
        return None, ""
    name = str(rng.choice(list(_WEIGHTS)))
    return _WEIGHTS[name](rng, n), f"weights {name}"
