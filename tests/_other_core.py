"""Run pytest as on a simpler processor than this one: ``python -m tests._other_core [options]``.

NumPy, SciPy and torch choose their routines by the processor, and each of them rounds in its own
way. A test that passes with those of one processor only rests on its rounding.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import json
import os
import platform
import subprocess
import sys

# Cores of OpenBLAS that every processor of a kind can run, those of this one are none of them.
CORES = {
    "x86_64": ("Nehalem", "Prescott"),
    "AMD64": ("Nehalem", "Prescott"),
    "aarch64": ("ARMV8", "NEOVERSEN1"),
}
LOOK = """
import json
import numpy, scipy.linalg
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
from threadpoolctl import threadpool_info

cores = {found["architecture"] for found in threadpool_info() if "architecture" in found}
print(json.dumps([sorted(cores), [f for f in __cpu_dispatch__ if __cpu_features__.get(f)]]))
"""


def look(environment):
    """Cores that OpenBLAS takes, and the groups of instructions that NumPy dispatches to."""
    command = [sys.executable, "-c", LOOK]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    cores, features = json.loads(done.stdout)
    return cores, features


def other_core(environment):
    """What to set for another core, None where there is none to take."""
    native, features = look(environment)
    for core in CORES.get(platform.machine(), ()):
        settings = {
            "OPENBLAS_CORETYPE": core,
            "ATEN_CPU_CAPABILITY": "default",
            "NPY_DISABLE_CPU_FEATURES": " ".join(features),
        }
        found, left = look(environment | settings)
        if native and not set(native) & set(found) and not left:
            print(f"OpenBLAS: {', '.join(found)} instead of {', '.join(native)}")
            print(f"NumPy without {', '.join(features)}; torch without them too", flush=True)
            return settings
    return None


if __name__ == "__main__":
    settings = other_core(dict(os.environ))
    if settings is None:
        print("No other core to take here: OpenBLAS isn't used, or has only one for this processor")
        sys.exit(0)
    sys.exit(
        subprocess.call([sys.executable, "-m", "pytest", *sys.argv[1:]], env=os.environ | settings)
    )
