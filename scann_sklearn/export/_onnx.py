"""Export to ONNX."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scann_sklearn import __version__
from scann_sklearn._files import write_file
from scann_sklearn.export._onnx_maps import map_nodes
from scann_sklearn.export._program_of import program_of
from scann_sklearn.export._single import check_single
from scann_sklearn.model._maps import Maps

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto

# Old enough for runtimes of 2022.
_OPSET, _IR_VERSION = 17, 8
_DTYPES = ("float32", "float64")


def to_onnx(model, path=None, *, dtype="float32") -> ModelProto:
    """Write a fitted model as an ONNX graph.

    The input is ``X`` of shape (n_samples, n_features), raw samples with a free batch dimension.
    The outputs are ``label`` of shape (n_samples,) and ``probabilities`` of shape
    (n_samples, n_classes), plain tensors without ``ZipMap``. With several labels per sample both
    have the shape (n_samples, n_labels). A regressor has one output, ``variable`` of shape
    (n_samples, n_outputs). With early exits, all exits are computed for every sample, and a third
    output ``exit`` of shape (n_samples,) is the index of the exit, counted from 0.

    The graph consists of standard operators. Neurons of equal depth are one ``Gemm`` of the values
    that at least one of them reads. Missing values are NaN and are filled in by ``Where``;
    categories are compared by ``Equal``. Convolutions are ``Conv``, with zeros for connections that
    don't exist; onnxruntime supports them in float32 only.

    Parameters
    ----------
    model : SCANNClassifier, SCANNRegressor, EarlyExitClassifier, Pipeline or search
        A fitted estimator, as for :func:`to_c`.
    path : str or path-like, default=None
        File name. If None, no file is written.
    dtype : {"float32", "float64"}, default="float32"
        Type of the input, the weights and the probabilities.

    Returns
    -------
    onnx_model : onnx.ModelProto
        The graph, checked by ``onnx.checker``.

    Raises
    ------
    ImportError
        If the package onnx is missing: ``pip install onnx``.
    TypeError
        If a step of `model` is not supported.
    ValueError
        If a step has no equivalent (Isomap, spectral embedding, clipping, categories that are
        strings), if the network reads principal components that are rounding errors, if `dtype` is
        unknown, or if the weights don't fit into it.
    NotFittedError
        If `model` is not fitted.

    See Also
    --------
    to_c : Export to C, for microcontrollers.
    SparseModel : Prediction in Python with NumPy alone.

    Notes
    -----
    ONNX has no sparse product that runtimes execute faster, so that matrices are stored with their
    zeros. A model with many levels and skip connections takes up several times the memory of its
    connections, and gains next to nothing from its sparsity. If that matters, use :func:`to_c` or
    :class:`SparseModel`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from scann_sklearn import SCANNClassifier
    >>> from scann_sklearn.export import to_onnx
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = SCANNClassifier(n_connections=20, random_state=0).fit(X, y)
    >>> [output.name for output in to_onnx(clf).graph.output]
    ['label', 'probabilities']
    """
    if dtype not in _DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(_DTYPES)}, got {dtype!r}.")
    try:
        import onnx
    except ImportError as error:
        raise ImportError("to_onnx needs the package onnx: pip install onnx.") from error
    program = program_of(model, dtype)
    if dtype == "float32":
        check_single(program)
    graph = _Graph(program, np.dtype(dtype))
    onnx_model = onnx.helper.make_model(
        graph.build(),
        opset_imports=[onnx.helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="scann-sklearn",
        producer_version=__version__,
    )
    onnx.checker.check_model(onnx_model, full_check=True)
    if path is not None:
        write_file(path, onnx_model.SerializeToString())
    return onnx_model


class _Graph:
    """Nodes and constants of a program's graph."""

    def __init__(self, program, dtype) -> None:
        self.program, self.dtype = program, dtype
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        # Column of each slot in what was computed so far; features or entries come first.
        self.column = np.full(program.n_slots, -1)
        if program.front is None:
            self.column[: program.n_inputs] = program.inputs
            self.values, self.n_columns = "X", program.n_features
        else:
            self.column[: program.n_entries] = np.arange(program.n_entries)
            make = map_nodes if isinstance(program.front, Maps) else _Graph.entries
            self.values, self.n_columns = make(self, program.front), program.n_entries

    def build(self) -> GraphProto:
        """The whole graph."""
        from onnx import helper

        program = self.program
        first_output = program.n_targets - program.n_outputs
        for i, targets in enumerate(_groups(program)):
            name = f"step{i}"
            result = self.product(f"{name}_sums", targets)
            if targets[0] >= program.n_linear:
                result = self.node("Relu", [result], f"{name}_relu")
            self.column[program.n_entries + targets] = self.n_columns + np.arange(len(targets))
            self.n_columns += len(targets)
            self.values = self.node("Concat", [self.values, result], f"{name}_values", axis=1)
        outputs = np.arange(first_output, program.n_targets)
        makers = {"classes": self.of_classes, "labels": self.of_labels, "values": self.of_values}
        make = makers[program.kind] if program.exits is None else self.of_exits
        answers = make(outputs)
        number = helper.np_dtype_to_tensor_dtype(self.dtype)
        describe = helper.make_tensor_value_info
        return helper.make_graph(
            self.nodes,
            "scann_sklearn",
            inputs=[describe("X", number, ["n_samples", program.n_features])],
            outputs=[
                describe(name, number if kind is None else kind, ["n_samples", *shape])
                for name, kind, *shape in answers
            ],
            initializer=self.constants,
        )

    def entries(self, front) -> str:
        """Entries that a front makes of X: missing values filled in, categories compared."""
        values, equal, missing = front.parts
        constants = front.constants.astype(self.dtype)
        parts = []
        if values.start < values.stop:
            parts.append(self.inputs("values", values))
            if front.compares[values].any():
                chosen = [
                    self.node("IsNaN", [parts[-1]], "values_missing"),
                    self.constant("fills", constants[values]),
                ]
                parts[-1] = self.node("Where", [*chosen, parts[-1]], "values_filled")
        if equal.start < equal.stop:
            categories = self.constant("categories", constants[equal])
            found = self.node("Equal", [self.inputs("equal", equal), categories], "equal")
            parts.append(self.number(found))
        if missing.start < missing.stop:
            found = self.node("IsNaN", [self.inputs("missing", missing)], "missing")
            parts.append(self.number(found))
        return self.node("Concat", parts, "entries", axis=1)

    def inputs(self, name, part) -> str:
        """Inputs that some entries of a front are made of."""
        columns = self.program.inputs[self.program.front.sources[part]]
        columns = self.constant(f"{name}_columns", columns.astype(np.int64))
        return self.node("Gather", ["X", columns], f"{name}_inputs", axis=1)

    def number(self, truth) -> str:
        """1 where something is true, else 0."""
        from onnx import helper

        kind = helper.np_dtype_to_tensor_dtype(self.dtype)
        return self.node("Cast", [truth], f"{truth}_number", to=kind)

    def of_classes(self, outputs) -> list[tuple]:
        """Label and probabilities: their names, types (None: that of X) and shapes."""
        scores = self.product("scores", outputs, self.program.head.scores)
        self.node("Softmax", [scores], "probabilities", axis=1)
        return self.label(scores)

    def label(self, scores) -> list[tuple]:
        """Label of the largest score; what `of_classes` returns."""
        best = self.node("ArgMax", [scores], "best", axis=1, keepdims=0)
        labels = self.constant("classes", _labels(self.program.classes))
        self.node("Gather", [labels, best], "label", axis=0)
        kind = self.constants[-1].data_type
        return [("label", kind), ("probabilities", None, len(self.program.classes))]

    def of_exits(self, outputs) -> list[tuple]:
        """Label, probabilities and exit: those of the first exit that is sure, of all else."""
        from onnx import TensorProto

        head, each = self.program.head, []
        for e, own in enumerate(np.split(outputs, self.program.n_exits)):
            scores = self.product(f"exit{e}_scores", own, head.inner.scores)
            each.append(self.node("Softmax", [scores], f"exit{e}_probabilities", axis=1))
        share = self.constant("share", np.array([1 / len(each)], self.dtype))
        # onnxruntime has no mean in double precision
        found = self.node("Mul", [self.node("Sum", each, "total"), share], "mean_probabilities")
        at = self.constant("last", np.array([[len(each) - 1]], np.int64))
        for e in reversed(range(len(each) - 1)):
            name = "probabilities" if e == 0 else f"from{e}_probabilities"
            top = self.node("ReduceMax", [each[e]], f"exit{e}_top", axes=[1], keepdims=1)
            threshold = head.thresholds[e : e + 1].astype(self.dtype)
            limits = [top, self.constant(f"exit{e}_threshold", threshold)]
            sure = self.node("Greater", limits, f"exit{e}_sure")
            found = self.node("Where", [sure, each[e], found], name)
            number = self.constant(f"exit{e}_number", np.array([[e]], np.int64))
            at = self.node("Where", [sure, number, at], f"from{e}_exit")
        axis = self.constant("exit_axis", np.array([1], np.int64))
        self.node("Squeeze", [at, axis], "exit")
        return [*self.label(found), ("exit", TensorProto.INT64)]

    def of_labels(self, outputs) -> list[tuple]:
        """Indicators and probabilities of several labels."""
        from onnx import TensorProto

        scores = self.product("scores", outputs)
        self.node("Sigmoid", [scores], "probabilities")
        zero = self.constant("zero", np.zeros(1, self.dtype))
        above = self.node("Greater", [scores, zero], "above")
        self.node("Cast", [above], "label", to=TensorProto.INT64)
        n_labels = self.program.n_outputs
        return [("label", TensorProto.INT64, n_labels), ("probabilities", None, n_labels)]

    def of_values(self, outputs) -> list[tuple]:
        """Values, under the name that other exporters of regressors use."""
        self.product("variable", outputs)
        return [("variable", None, self.program.n_outputs)]

    def product(self, name, targets, rows_of=None) -> str:
        """Sums of some targets, as a product with the columns that they read.

        `rows_of` makes other columns of weights and biases than one per target.
        """
        program = self.program
        mine = np.isin(program.targets, targets)
        columns = self.column[program.sources[mine]]
        read = np.unique(columns) if len(columns) else np.zeros(1, np.int64)  # none: one, times 0
        weights = np.zeros((len(read), len(targets)))
        rows = np.searchsorted(read, columns)
        weights[rows, np.searchsorted(targets, program.targets[mine])] = program.weights[mine]
        biases = program.biases[targets].astype(np.float64)
        if rows_of is not None:
            weights, biases = rows_of(weights), rows_of(biases[None])[0]
        values = self.values
        if len(read) < self.n_columns:
            columns = self.constant(f"{name}_columns", read.astype(np.int64))
            values = self.node("Gather", [values, columns], f"{name}_inputs", axis=1)
        factors = [
            self.constant(f"{name}_weights", weights.astype(self.dtype)),
            self.constant(f"{name}_biases", biases.astype(self.dtype)),
        ]
        return self.node("Gemm", [values, *factors], name)

    def node(self, operator, inputs, output, **attributes) -> str:
        """Append a node; the name of its output."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name, array) -> str:
        """Append a constant; its name."""
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(array, name))
        return name


def _groups(program) -> list[np.ndarray]:
    """Rows before the outputs that can be computed at once, in order: equal depth and kind."""
    depth = np.zeros(program.n_slots, np.int64)
    groups: dict[tuple[int, bool], list[int]] = {}
    for t in range(program.n_targets - program.n_outputs):
        level = depth[program.sources[program.row(t)]].max(initial=0) + 1
        depth[program.n_entries + t] = level
        groups.setdefault((level, t >= program.n_linear), []).append(t)
    return [np.array(groups[key]) for key in sorted(groups)]


def _labels(classes) -> np.ndarray:
    if classes.dtype.kind in "iu":
        fits = classes.max() <= np.iinfo(np.int64).max
        return classes.astype(np.int64 if fits else np.uint64)
    return classes if classes.dtype.kind in "bf" else classes.astype(str).astype(object)
