"""Pictures and a summary of what a synthesis has made."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import TYPE_CHECKING

from scann_sklearn._lazy import attach

if TYPE_CHECKING:
    from scann_sklearn.inspection._architecture import ArchitectureDisplay as ArchitectureDisplay
    from scann_sklearn.inspection._exits import ExitDisplay as ExitDisplay
    from scann_sklearn.inspection._filters import FilterDisplay as FilterDisplay
    from scann_sklearn.inspection._history import SynthesisHistoryDisplay as SynthesisHistoryDisplay
    from scann_sklearn.inspection._pareto import ParetoFrontDisplay as ParetoFrontDisplay
    from scann_sklearn.inspection._search import SearchDisplay as SearchDisplay
    from scann_sklearn.inspection._summary import NetworkSummary as NetworkSummary

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "_architecture": ["ArchitectureDisplay"],
        "_exits": ["ExitDisplay"],
        "_filters": ["FilterDisplay"],
        "_history": ["SynthesisHistoryDisplay"],
        "_pareto": ["ParetoFrontDisplay"],
        "_search": ["SearchDisplay"],
        "_summary": ["NetworkSummary"],
    },
)
