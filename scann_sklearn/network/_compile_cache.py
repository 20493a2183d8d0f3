"""Compiled kernels on disk. Whatever is wrong with the files, a fit goes on without them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pickle
import warnings
from contextlib import suppress
from hashlib import sha256
from typing import Any

from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.serialize import dumps

_warned: list[Exception] = []


def warn_once(reason) -> None:
    """Warn, once per process, that compiled code isn't kept.

    Parameters
    ----------
    reason : Exception
        Why.
    """
    if not _warned:
        _warned.append(reason)
        warnings.warn(
            f"The compiled kernels can't be cached on disk ({reason}): every process "
            "compiles them again, which takes up to a minute. Set the environment "
            "variable NUMBA_CACHE_DIR to a folder that can be written to.",
            RuntimeWarning,
            stacklevel=3,
        )


class KernelCache(FunctionCache):
    """numba's cache of a function, which survives damaged files and full disks.

    Parameters
    ----------
    function : callable
        The kernel in Python.
    depends_on : list
        What its code depends on besides its module: options, the stamps of the kernels it calls.

    Attributes
    ----------
    stamp : tuple
        Changes with the source of the kernel's module and with `depends_on`.

    Raises
    ------
    RuntimeError
        If no folder can be written to.
    """

    def __init__(self, function, depends_on) -> None:
        super().__init__(function)
        self.stamp = (self._impl.locator.get_source_stamp(), *depends_on)
        self._cache_file = _SealedFile(self.cache_path, self._impl.filename_base, self.stamp)

    def load_overload(self, sig, target_context) -> Any:
        """Load compiled code.

        Parameters
        ----------
        sig : tuple of numba.types.Type
            Types of the arguments.
        target_context : object
            numba's.

        Returns
        -------
        code : object or None
            None where there is none or it is damaged; then it is forgotten.
        """
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # a damaged pickle may raise anything
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig, data) -> None:
        """Save compiled code, if possible.

        Parameters
        ----------
        sig : tuple of numba.types.Type
            Types of the arguments.
        data : object
            The code.
        """
        try:
            super().save_overload(sig, data)
        except Exception as error:  # the code itself is good
            reason = error
        else:
            return
        warn_once(reason)


class _SealedFile(IndexDataCacheFile):
    """Index and code with a checksum: numba would run whatever it finds.

    The checksum also covers what the code is for. Without it two processes that compile for
    different types at once may leave the code of one under the name of the other.
    """

    def save(self, key, data) -> None:
        """Save code under a key."""
        code = dumps(data)
        super().save(key, (self._seal(key, code), code))

    def load(self, key) -> Any:
        """Load the code of a key; None if there is none."""
        sealed = super().load(key)
        if sealed is None:
            return None
        seal, code = sealed
        if seal != self._seal(key, code):
            raise ValueError(f"{self._index_path} or its data are damaged.")
        return pickle.loads(code)

    def _seal(self, key, code) -> bytes:
        return sha256(repr((self._index_name, self._source_stamp, key)).encode() + code).digest()
