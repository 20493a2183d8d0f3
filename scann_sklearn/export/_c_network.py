"""The tables of a network that inference reads."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import replace
from string import Template

import numpy as np

from scann_sklearn.export._c_front import front_loop, front_tables
from scann_sklearn.export._c_gaps import Gaps
from scann_sklearn.export._c_tables import BYTES, Column, tabulate, unsigned_type
from scann_sklearn.model._front import Front
from scann_sklearn.model._maps import Maps

# Of several ways to write them, those that gcc and clang make the least of on a Cortex-M0.
_ONE_TABLE = Template(
    """\
        const struct link *end = link + $count;
$begin        for (; link != end; $next_link)
            sum += $product;
"""
)
_TWO_TABLES = Template(
    """\
        const $source_type *end = source + $count;
$begin        if (source < end)
            do {
                sum += $product;
                $next_link;
            } while (source < end);
"""
)


class Network:
    """The tables that inference reads, and the fields of templates that name them.

    Parameters
    ----------
    program : Program
        The connections.
    prefix : str
        Prefix of macros.
    ctype : str
        Type of a weight.
    weights : ndarray of shape (n_connections,)
        Weights as they are written.
    row_columns : list of Column
        Numbers of each row; the number of its connections is added.
    """

    def __init__(self, program, prefix, ctype, weights, row_columns) -> None:
        self.program, self.prefix = program, prefix
        n_before = program.indptr[program.n_linear]  # connections of the reduction
        order = np.concatenate(program.sections)
        parts = []
        self.fields = {"start": "t = 0", "dense": "", "begin": ""}
        self.is_dense = self._choose_dense(n_before, ctype, unsigned_type(program.sources))
        counts, source_type, links = self._links(ctype, weights, order)
        if self.is_dense:
            matrix = np.zeros((program.n_linear, program.n_entries), weights.dtype)
            matrix[program.targets[:n_before], program.sources[:n_before]] = weights[:n_before]
            full = tabulate(prefix, "factor", [Column("factor", ctype, matrix.ravel())])
            parts.append(full)
            self.fields["start"] = ""
            self.fields |= {"entry": full.access["factor"], "next_entry": full.advance}
        rows = [replace(column, values=column.values[order]) for column in row_columns]
        rows.append(Column("count", unsigned_type(counts), counts))
        parts += [tabulate(prefix, "row", rows), tabulate(prefix, "link", links)]
        self.fields["source_type"] = source_type
        self.fields |= {"next_row": parts[-2].advance, "next_link": parts[-1].advance}
        self.n_bytes = sum(part.n_bytes for part in parts)
        # Copied without a change they would become a call of memcpy, a dependency.
        self.feature = "i"
        # Of a front the table of entries says what is read; of an image all is.
        if isinstance(program.front, Front):
            parts.insert(0, front_tables(program, prefix))
            self.n_bytes += parts[0].n_bytes
            self.fields["load"] = front_loop(program, prefix, parts[0])
        elif program.front is None and (
            ctype != "int8_t" or program.n_inputs != program.inputs.max(initial=-1) + 1
        ):
            self.feature = read_feature(program, prefix)
            self.n_bytes += program.n_inputs * BYTES[unsigned_type(program.inputs)]
        for part in parts[-2:]:
            self.fields |= part.access
        source = self.fields["source"]
        self.fields["value"] = f"*(at += {source})" if self.fields["begin"] else f"v[{source}]"
        self.fields |= {
            "tables": "\n".join(part.source for part in parts),
            "pointers": "\n".join(part.pointers for part in parts),
        }

    def _links(self, ctype, weights, order) -> tuple[np.ndarray, str, list[Column]]:
        """Number of connections of each row, type of their sources, and their columns.

        Where slots have numbers beyond a byte, integer code goes from one slot to the next.
        """
        program = self.program
        first = program.n_linear if self.is_dense else 0
        rows = order[first:]
        counts = np.diff(program.indptr)[order]
        which = np.concatenate([np.arange(*program.indptr[t : t + 2]) for t in rows])
        sources, weights = program.sources[which], weights[which]
        source_type = unsigned_type(program.sources)
        if ctype != "float" and source_type != "uint8_t":
            gaps = Gaps.of(np.append(0, np.cumsum(counts[first:])), sources, weights)
            gaps = gaps.smaller(BYTES[ctype])
            if unsigned_type(gaps.gaps) == "uint8_t" and gaps.gaps.min(initial=0) >= 0:
                source_type, sources, weights = "uint8_t", gaps.gaps, gaps.weights
                counts[first:] = np.diff(gaps.indptr)
                self.fields["begin"] = "        const int16_t *at = v;\n"
        links = [Column("source", source_type, sources), Column("weight", ctype, weights)]
        return counts, source_type, links

    @property
    def first_row(self) -> str:
        """Macro or constant: the slot of the first row."""
        return f"{self.prefix}_{'N_INPUTS' if self.program.front is None else 'ENTRIES'}"

    def loop(self, product) -> str:
        """Write the loop over the connections of a row.

        Parameters
        ----------
        product : str
            What a connection adds.

        Returns
        -------
        source : str
            C code.
        """
        is_one = self.fields["next_link"] == "++link"
        return (_ONE_TABLE if is_one else _TWO_TABLES).substitute(self.fields, product=product)

    @property
    def has_sparse_linear(self) -> bool:
        """Whether the loop over sparse rows meets those of a reduction."""
        return self.program.n_linear > 0 and not self.is_dense

    def _choose_dense(self, n_before, ctype, source_type) -> bool:
        """Whether the reduction is smaller as a full matrix than with an index a weight."""
        full = self.program.n_linear * self.program.n_entries * BYTES[ctype]
        return 0 < full <= n_before * (BYTES[ctype] + BYTES[source_type])


def read_feature(program, prefix) -> str:
    """Write the expression of the i-th feature that is read."""
    if isinstance(program.front, Maps):
        return "i"
    return f"{prefix}_READ({unsigned_type(program.inputs)}, {prefix}_FEATURES[i])"
