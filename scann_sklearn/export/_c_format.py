"""What the C code of a number format is put together from."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import ABC, abstractmethod
from string import Template

from scann_sklearn.export._c_answers import Answers
from scann_sklearn.export._c_classes import ClassAnswers
from scann_sklearn.export._c_exit_floats import FloatExits
from scann_sklearn.export._c_exit_integers import IntegerExits
from scann_sklearn.export._c_labels import LabelAnswers
from scann_sklearn.export._c_maps import CMaps
from scann_sklearn.export._c_network import Network
from scann_sklearn.export._c_tables import BYTES
from scann_sklearn.export._c_values import ValueAnswers
from scann_sklearn.export._single import SinglePrecision
from scann_sklearn.model._maps import Maps

ANSWERS: dict[str, type[Answers]] = {
    "classes": ClassAnswers,
    "labels": LabelAnswers,
    "values": ValueAnswers,
}


_LOAD = Template(
    """\
    for (i = 0; i < ${NAME}_N_INPUTS; ++i)
        v[i] = $input;
"""
)
_ENTRIES = Template(
    """\
        ${NAME}_ENTRIES = $n_entries, /* made of inputs: $made */
"""
)
_VALUES = Template(
    """\
    $value_type v[$n_slots]; /* $first_values, then a value a row */
"""
)


def _answers_of(code) -> type[Answers]:
    if code.exits is None:
        return ANSWERS[code.program.kind]
    return FloatExits if isinstance(code, SinglePrecision) else IntegerExits


class NumberFormat(ABC):
    """The parts of the header that depend on the type of numbers.

    Parameters
    ----------
    code : SinglePrecision or FixedPoint
        The program.
    name : str
        Prefix of everything that the header defines.
    """

    sum_type: str  # of sums and outputs
    value_type: str  # of the values that rows keep for others
    sample: str  # the parameter that is a sample
    dense: Template  # the loop over the full matrix of a reduction

    def __init__(self, code, name) -> None:
        self.code, self.name, self.upper = code, name, name.upper()
        self.answers = _answers_of(code)(code, name)
        self.network = self.tabulate()
        self.maps = self.make_maps() if isinstance(code.program.front, Maps) else None

    @property
    @abstractmethod
    def ctype(self) -> str:
        """Type of inputs and weights."""

    @abstractmethod
    def tabulate(self) -> Network:
        """Make the tables of inference, a `Network`."""

    @abstractmethod
    def make_maps(self) -> CMaps:
        """Write the maps ahead of the rows."""

    @abstractmethod
    def run_fields(self) -> dict[str, str]:
        """Fill what the loop over rows leaves open: a dict."""

    @abstractmethod
    def about(self, fields) -> str:
        """Say in the head of the file what there is."""

    @abstractmethod
    def constants(self) -> str:
        """Write constants that users may need, one per line."""

    @abstractmethod
    def declarations(self, fields) -> str:
        """Declare the functions of this format."""

    @abstractmethod
    def functions(self, fields) -> list[str]:
        """Define them: a list of str."""

    def run(self, fields) -> str:
        """Write the function that evaluates the network."""
        fields = fields | self.network.fields | self.run_fields() | self.answers.run_fields()
        fields |= self.first_fields(fields)
        fields["add_up"] = self.network.loop(fields["product"])
        if self.network.is_dense:
            fields["dense"] = self.dense.substitute(fields)
        run = self.answers.run(fields)
        return run if self.maps is None else "\n".join([*self.maps.functions, run])

    def first_fields(self, fields) -> dict[str, str]:
        """Fill what is ahead of the first row: inputs are copied, or a front is made of them."""
        first = {"first_row": self.network.first_row, "entries": "", "index": "i, "}
        if self.code.program.front is None:
            values = _VALUES.substitute(fields, first_values="inputs")
            return first | {"load": _LOAD.substitute(fields), "values": values}
        made = "missing values filled in, categories" if self.maps is None else "the last maps"
        n_entries = self.code.program.n_entries
        first["entries"] = _ENTRIES.substitute(fields, n_entries=n_entries, made=made)
        if self.maps is not None:
            memory = self.maps.memory
            return first | {"index": "", "load": memory.load, "values": memory.values}
        return first | {"values": _VALUES.substitute(fields, first_values="entries")}

    @property
    def table_bytes(self) -> int:
        """Bytes of the tables that inference reads."""
        of_maps = 0 if self.maps is None else self.maps.n_bytes
        return self.network.n_bytes + self.answers.table_bytes + of_maps

    @property
    def value_bytes(self) -> int:
        """Bytes of the values that inference keeps on the stack."""
        values = max(self.code.program.n_slots, 1) * BYTES[self.value_type]
        if self.maps is not None:
            values = self.maps.memory.n_bytes
        return values + self.answers.value_bytes
