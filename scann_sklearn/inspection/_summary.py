"""A synthesised network in numbers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from scann_sklearn.metrics import EnergyModel, flops, n_bytes, n_parameters
from scann_sklearn.model._graph import Graph
from scann_sklearn.model._model import model_of

_WIDTH = 58


@dataclass(frozen=True, kw_only=True)
class NetworkSummary:
    """Size and cost of a fitted network, which ``print`` shows as a table.

    :meth:`scann_sklearn.SCANNClassifier.summary` returns one. Only what exists is counted: no
    masked weights, no unused inputs. A reduction before the network is not counted.

    Parameters
    ----------
    name : str
        Class name of the estimator.
    n_features : int
        Number of features of X.
    n_inputs_used : int
        Number of features that the network reads.
    maps_by_layer : tuple of int
        Number of maps that each convolution makes. Empty if X doesn't hold images.
    positions_by_layer : tuple of (int, int)
        Number of positions of the maps of each convolution that are computed, and of all.
    hidden_by_level : tuple of int
        Number of hidden neurons whose longest path from an input has 1, 2, ... connections.
    n_outputs : int
        Number of outputs; 1 for two classes.
    outputs : str
        Meaning of the outputs, such as "10 classes".
    connections_by_kind : dict of str to int
        Number of connections of each kind: "input → hidden", "hidden → hidden", "hidden → output"
        and "input → output". Those of convolutions are "image → map" and "map → map"; the values
        of the last maps are then the inputs of the others.
    n_skip : int
        Number of connections that pass over at least one level. All outputs are at the level of
        the deepest one.
    n_parameters : int
        Number of weights and biases.
    n_bytes : int
        Number of bytes of 4-byte weights and biases and their indices, see
        :func:`~scann_sklearn.metrics.n_bytes`.
    flops : int
        Number of floating-point operations of one inference: two per connection, and two per
        position for connections between maps.
    energy : float
        Energy of one inference in joules, by the default
        :class:`~scann_sklearn.metrics.EnergyModel`.
    validation_score : float or None
        Score on the validation data. None for the copy that a callback gets during a fit.

    See Also
    --------
    ArchitectureDisplay : Plot the network.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from scann_sklearn import SCANNClassifier
    >>> clf = SCANNClassifier(random_state=0).fit(*load_iris(return_X_y=True))
    >>> summary = clf.summary()
    >>> summary.n_connections == sum(
    ...     summary.connections_by_kind.values()
    ... ) == clf.n_connections_
    True
    """

    name: str
    n_features: int
    n_inputs_used: int
    maps_by_layer: tuple[int, ...]
    positions_by_layer: tuple[tuple[int, int], ...]
    hidden_by_level: tuple[int, ...]
    n_outputs: int
    outputs: str
    connections_by_kind: dict[str, int]
    n_skip: int
    n_parameters: int
    n_bytes: int
    flops: int
    energy: float
    validation_score: float | None

    @classmethod
    def from_estimator(cls, estimator) -> Self:
        """Create the summary of a fitted estimator.

        Parameters
        ----------
        estimator : SCANNClassifier or SCANNRegressor
            A fitted estimator.

        Returns
        -------
        summary : NetworkSummary
            Size and cost of its network.
        """
        model = model_of(estimator)
        graph, reads = Graph.of(model.network.topology), model.reads
        convolutions = model.network.layers[:-1]
        kinds = {"image → map": 0, "map → map": 0} if convolutions else {}
        for number, layer in enumerate(convolutions):
            kinds["map → map" if number else "image → map"] += layer.n_connections
        return cls(
            name=type(estimator).__name__,
            n_features=len(reads),
            n_inputs_used=int(reads.sum()),
            maps_by_layer=tuple(layer.n_maps for layer in convolutions),
            positions_by_layer=tuple((c.n_computed, c.target.size) for c in convolutions),
            hidden_by_level=graph.hidden_by_level,
            n_outputs=graph.n_outputs,
            outputs=model.head.meaning,
            connections_by_kind=kinds | graph.connections_by_kind,
            n_skip=graph.n_skip,
            n_parameters=n_parameters(model),
            n_bytes=int(n_bytes(model)),
            flops=int(flops(model)),
            energy=EnergyModel().energy(model),
            validation_score=getattr(estimator, "validation_score_", None),
        )

    @property
    def n_connections(self) -> int:
        """Number of connections."""
        return sum(self.connections_by_kind.values())

    @property
    def n_hidden(self) -> int:
        """Number of hidden neurons."""
        return sum(self.hidden_by_level)

    @property
    def depth(self) -> int:
        """Number of connections on the longest path from an input to an output."""
        return len(self.maps_by_layer) + len(self.hidden_by_level) + 1

    def _rows_of_maps(self) -> Iterator[tuple[str, str]]:
        pairs = zip(self.maps_by_layer, self.positions_by_layer, strict=True)
        for number, (n_maps, (computed, there)) in enumerate(pairs, start=1):
            yield f"Maps of convolution {number}", f"{n_maps:,}"
            if computed < there:
                yield "  positions computed", f"{computed:,} of {there:,}"

    def __str__(self) -> str:
        sections = [
            [("Inputs read", f"{self.n_inputs_used:,} of {self.n_features:,}")],
            [
                *self._rows_of_maps(),
                ("Hidden neurons", f"{self.n_hidden:,}"),
                *(
                    (f"  level {level}", f"{n:,}")
                    for level, n in enumerate(self.hidden_by_level, start=1)
                ),
                (f"Outputs ({self.outputs})", f"{self.n_outputs:,}"),
                ("Depth", f"{self.depth:,}"),
            ],
            [
                ("Connections", f"{self.n_connections:,}"),
                *((f"  {kind}", f"{n:,}") for kind, n in self.connections_by_kind.items()),
                ("  of these skip a level", f"{self.n_skip:,}"),
            ],
            [
                ("Parameters (weights and biases)", f"{self.n_parameters:,}"),
                ("Bytes (4 each, and indices)", f"{self.n_bytes:,}"),
                ("FLOPs of one inference", f"{self.flops:,}"),
                ("Energy of one inference", f"{self.energy * 1e9:,.4g} nJ"),
            ],
        ]
        if self.validation_score is not None:
            sections[-1].append(("Validation score", f"{self.validation_score:.4f}"))
        lines = [self.name, "=" * _WIDTH]
        for section in sections:
            lines += [f"{label:<{_WIDTH - 16}}{value:>16}" for label, value in section]
            lines.append("-" * _WIDTH)
        lines[-1] = "=" * _WIDTH
        return "\n".join(lines)
