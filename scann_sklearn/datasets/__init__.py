"""Loaders of public data sets, with a cache and checksums; data larger than memory."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import TYPE_CHECKING

from scann_sklearn._lazy import attach

if TYPE_CHECKING:
    from scann_sklearn.datasets._airfoil import fetch_airfoil as fetch_airfoil
    from scann_sklearn.datasets._dna import fetch_dna as fetch_dna
    from scann_sklearn.datasets._epileptic_seizure import (
        fetch_epileptic_seizure as fetch_epileptic_seizure,
    )
    from scann_sklearn.datasets._fetch import get_data_home as get_data_home
    from scann_sklearn.datasets._gas_turbine import fetch_gas_turbine as fetch_gas_turbine
    from scann_sklearn.datasets._har import fetch_har as fetch_har
    from scann_sklearn.datasets._letter import fetch_letter as fetch_letter
    from scann_sklearn.datasets._memmap import to_memmap as to_memmap
    from scann_sklearn.datasets._mnist import fetch_mnist as fetch_mnist
    from scann_sklearn.datasets._musk import fetch_musk as fetch_musk
    from scann_sklearn.datasets._parsers import (
        read_airfoil as read_airfoil,
        read_dna as read_dna,
        read_epileptic_seizure as read_epileptic_seizure,
        read_gas_turbine as read_gas_turbine,
        read_har as read_har,
        read_idx as read_idx,
        read_letter as read_letter,
        read_musk as read_musk,
        read_pendigits as read_pendigits,
        read_satimage as read_satimage,
        read_sensorless_drive as read_sensorless_drive,
    )
    from scann_sklearn.datasets._pendigits import fetch_pendigits as fetch_pendigits
    from scann_sklearn.datasets._satimage import fetch_satimage as fetch_satimage
    from scann_sklearn.datasets._sensorless_drive import (
        fetch_sensorless_drive as fetch_sensorless_drive,
    )
    from scann_sklearn.datasets._smartphone_har_transitions import (
        fetch_smartphone_har_transitions as fetch_smartphone_har_transitions,
    )
    from scann_sklearn.datasets._sms_spam import (
        fetch_sms_spam as fetch_sms_spam,
        read_sms_spam as read_sms_spam,
    )

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "_airfoil": ["fetch_airfoil"],
        "_dna": ["fetch_dna"],
        "_epileptic_seizure": ["fetch_epileptic_seizure"],
        "_fetch": ["get_data_home"],
        "_gas_turbine": ["fetch_gas_turbine"],
        "_har": ["fetch_har"],
        "_letter": ["fetch_letter"],
        "_memmap": ["to_memmap"],
        "_mnist": ["fetch_mnist"],
        "_musk": ["fetch_musk"],
        "_parsers": [
            "read_airfoil",
            "read_dna",
            "read_epileptic_seizure",
            "read_gas_turbine",
            "read_har",
            "read_idx",
            "read_letter",
            "read_musk",
            "read_pendigits",
            "read_satimage",
            "read_sensorless_drive",
        ],
        "_pendigits": ["fetch_pendigits"],
        "_satimage": ["fetch_satimage"],
        "_sensorless_drive": ["fetch_sensorless_drive"],
        "_smartphone_har_transitions": ["fetch_smartphone_har_transitions"],
        "_sms_spam": ["fetch_sms_spam", "read_sms_spam"],
    },
)
