"""How a network changes: growth and pruning, the schemes and the synthesis loop."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import TYPE_CHECKING

from scann_sklearn._lazy import attach

if TYPE_CHECKING:
    from scann_sklearn.synthesis._areas import (
        RestrictAreas as RestrictAreas,
        restrict_areas as restrict_areas,
        set_areas as set_areas,
    )
    from scann_sklearn.synthesis._bridging import (
        bridging_gradients as bridging_gradients,
        grow_bridging_neurons as grow_bridging_neurons,
    )
    from scann_sklearn.synthesis._maps import grow_maps as grow_maps
    from scann_sklearn.synthesis._nest import SchemeNeST as SchemeNeST
    from scann_sklearn.synthesis._neuron_steps import (
        GrowBridgingNeurons as GrowBridgingNeurons,
        GrowMaps as GrowMaps,
        PruneNeurons as PruneNeurons,
    )
    from scann_sklearn.synthesis._neurons import prune_neurons as prune_neurons
    from scann_sklearn.synthesis._operations import (
        UnreachableOutputsError as UnreachableOutputsError,
        connection_saliency as connection_saliency,
        grow_all_connections as grow_all_connections,
        grow_connections as grow_connections,
        grow_neurons as grow_neurons,
        prune_connections as prune_connections,
    )
    from scann_sklearn.synthesis._scheme import Scheme as Scheme
    from scann_sklearn.synthesis._schemes import (
        SchemeA as SchemeA,
        SchemeB as SchemeB,
        SchemeC as SchemeC,
    )
    from scann_sklearn.synthesis._steps import (
        GrowConnections as GrowConnections,
        GrowNeurons as GrowNeurons,
        PruneConnections as PruneConnections,
        Train as Train,
    )

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "_bridging": ["bridging_gradients", "grow_bridging_neurons"],
        "_maps": ["grow_maps"],
        "_nest": ["SchemeNeST"],
        "_neuron_steps": ["GrowBridgingNeurons", "GrowMaps", "PruneNeurons"],
        "_neurons": ["prune_neurons"],
        "_areas": ["RestrictAreas", "restrict_areas", "set_areas"],
        "_operations": [
            "UnreachableOutputsError",
            "connection_saliency",
            "grow_all_connections",
            "grow_connections",
            "grow_neurons",
            "prune_connections",
        ],
        "_scheme": ["Scheme"],
        "_schemes": ["SchemeA", "SchemeB", "SchemeC"],
        "_steps": ["GrowConnections", "GrowNeurons", "PruneConnections", "Train"],
    },
)
