"""Export to C99."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from pathlib import Path

import numpy as np

from scann_sklearn import __version__
from scann_sklearn._files import write_file
from scann_sklearn.export._c_costs import inference_costs
from scann_sklearn.export._c_names import check_name
from scann_sklearn.export._c_report import CReport, RamBytes, code_bytes
from scann_sklearn.export._c_source import SelfTest, c_source
from scann_sklearn.export._fixed_point import FixedPoint
from scann_sklearn.export._limits import check_limits, warn_above
from scann_sklearn.export._program_of import reached_program_of
from scann_sklearn.export._quantize import quantize_program
from scann_sklearn.export._single import SinglePrecision, check_single
from scann_sklearn.export._sparse_model import SparseModel
from scann_sklearn.model._front import Front

_DTYPES = ("float32", "int16", "int8")


def to_c(
    model,
    path,
    *,
    dtype="float32",
    calibration=None,
    name=None,
    self_test=None,
    flash_limit=None,
    ram_limit=None,
) -> CReport:
    """Write a fitted model as one C99 header without dependencies.

    The header has declarations; in the one source file that defines ``<NAME>_IMPLEMENTATION``
    before it includes the header, also the code: constant tables and short loops over them, which
    use neither heap nor recursion nor any library, read connected features only, and also compile
    as C++11. ``<name>_predict`` returns the index of a class; of several labels it writes a 0 or a
    1 each, of a regressor the values, as floats. Scalers and an affine reduction are part of the
    network: folded into its weights where that costs no connections, else as linear rows ahead of
    it. What fills in missing values or encodes categories is a loop of comparisons before that, in
    float32 only. Of a network with early exits a section is computed where no exit before it was
    sure, and ``<name>_predict_with_exit`` also says which exit answered. What is behind an exit
    that all samples leave at, of threshold 0, is left out.

    Parameters
    ----------
    model : SCANNClassifier, SCANNRegressor, EarlyExitClassifier, Pipeline, search or SparseModel
        A fitted estimator, a pipeline with one at its end, a search over these, or what
        :meth:`SparseModel.load` has read from a file. Ahead of an estimator may
        be :class:`~scann_sklearn.DimReducer`, :class:`~sklearn.decomposition.PCA`, scalers
        (standard, range, maximum, robust), feature selectors,
        :class:`~sklearn.impute.SimpleImputer`, :class:`~sklearn.preprocessing.OneHotEncoder` and
        :class:`~sklearn.preprocessing.OrdinalEncoder` of numbers, and
        :class:`~sklearn.compose.ColumnTransformer` of these. Columns of data frames are numbered
        as in `fit`. Of an estimator of images convolutions are part of the code; ahead of it
        there can be no steps.
    path : str or path-like
        File name of the header.
    dtype : {"float32", "int16", "int8"}, default="float32"
        Type of inputs and weights. The integer types compute without any floating point: sums have
        32 bits and can't overflow, values between have 16 bits and saturate.
    calibration : array-like of shape (n_samples, n_features), default=None
        Raw samples, such as the training data, that decide the scales of the integer types.
    name : str, default=None
        Prefix of all names in the header, a C identifier. None: the stem of `path`. Two headers of
        one program need names that differ in more than the case of letters.
    self_test : array-like of shape (n_samples, n_features), default=None
        Raw samples for a function ``<name>_self_test`` that compares the outputs of these rows with
        those that `report.scores` gives, exactly for integers, for "float32" within
        what fused multiplications may change. Where ``<NAME>_SELF_TEST`` is defined there is also a
        ``main`` that calls it.
    flash_limit, ram_limit : int, default=None
        Bytes of flash and RAM that the target has for the model: a warning says where the report
        exceeds them.

    Returns
    -------
    report : CReport
        Flash, RAM, operations and energy, and ``predict`` with the arithmetic of the C code.

    Raises
    ------
    TypeError
        If a part of `model` is of an unknown kind.
    ValueError
        If a step has no equivalent (Isomap, spectral embedding, clipping, categories that are
        strings, comparisons in integers), the network reads principal components that are rounding
        errors, `calibration` is missing, a parameter is not valid, or the weights don't fit into
        the type.
    NotFittedError
        If `model` is not fitted.

    Warns
    -----
    UserWarning
        If the model needs more than `flash_limit` or `ram_limit`.

    See Also
    --------
    measure_flash : Flash measured with a compiler.
    SparseModel : The same network for NumPy alone.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from scann_sklearn import SCANNClassifier
    >>> from scann_sklearn.export import to_c
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = SCANNClassifier(n_connections=20, random_state=0).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "iris.h")
    ...     report = to_c(clf, path, dtype="int8", calibration=X)
    ...     print("int iris_predict(const int8_t *q);" in path.read_text())
    True
    >>> report.flash_bytes < 500
    True
    >>> bool((report.predict(X) == y).mean() > 0.9)
    True
    """
    if dtype not in _DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(_DTYPES)}, got {dtype!r}.")
    check_limits(flash_limit=flash_limit, ram_limit=ram_limit)
    path = Path(path)
    name = check_name(path.stem if name is None else name)
    is_sparse = isinstance(model, SparseModel)
    program = model._program if is_sparse else reached_program_of(model, "float32")
    code = _code(program, dtype, calibration)  # integers are less precise
    test = None if self_test is None else _self_test(code, self_test)
    source = c_source(code, name, __version__, test, file=path.name)
    costs = inference_costs(dtype, code.program, is_dense=source.is_dense)
    write_file(path, source.text.encode("ascii"))
    report = CReport(
        path=path,
        name=name,
        dtype=dtype,
        n_inputs=code.program.n_inputs,
        n_connections=code.program.n_connections,
        flash_bytes=int(
            source.table_bytes + code_bytes(dtype, code.program, is_dense=source.is_dense)
        ),
        ram=RamBytes.of(dtype, code.program, source.value_bytes),
        operations=costs[-1].operations,
        energy=costs[-1].energy,
        instructions=costs[-1].instructions,
        exits=tuple(costs) if code.exits else (),
        code=code,
    )
    warn_above(
        "The model needs about",
        flash_limit=(report.flash_bytes, flash_limit),
        ram_limit=(report.ram_bytes, ram_limit),
    )
    return report


def _code(program, dtype, calibration) -> SinglePrecision | FixedPoint:
    if dtype == "float32":
        check_single(program)
        return SinglePrecision(program)
    if isinstance(program.front, Front):
        raise ValueError(
            "Integers are never NaN, and two categories may become one, so a model that fills in "
            f"missing values or encodes categories can't be exported with dtype={dtype!r}: use "
            "dtype='float32', or export the last step alone and prepare its inputs by yourself, "
            "to_c(model[-1], ..., calibration=model[:-1].transform(X_train))."
        )
    if calibration is None:
        raise ValueError(
            f"dtype={dtype!r} needs calibration data, which decide the scales: give the training "
            "data, calibration=X_train."
        )
    X = program.check_samples(calibration, name="calibration")
    return quantize_program(program, X, bits=int(dtype.removeprefix("int")))


def _self_test(code, X) -> SelfTest:
    """Rows as the code takes them, and the outputs to expect."""
    samples = code.program.check_samples(X, name="self_test")
    is_float = isinstance(code, SinglePrecision)
    size = np.nan_to_num(np.abs(samples), posinf=np.inf)
    if is_float and size.max() > np.finfo(np.float32).max:
        i, j = np.unravel_index(size.argmax(), samples.shape)
        raise ValueError(
            f"self_test holds {samples[i, j]:.3g} in row {i}, feature {j}, which doesn't fit into "
            "float32."
        )
    rows = code.quantize(samples)
    with np.errstate(over="ignore", invalid="ignore"):  # refused by its name
        outputs, tolerance = code.outputs(rows), code.tolerance(rows) if is_float else 0
    return SelfTest(rows, outputs, tolerance)
