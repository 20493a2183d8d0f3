"""Heads of large backbones: time and memory of the operations that change an architecture.

    python -m benchmarks.large_heads [--device cuda] [--quick] [--into FOLDER]

The heads are those of VGG-16 (25088-4096-4096-1000, and 4000 hidden neurons with all connections
that keep their order, as in scheme B) and of MobileNetV2 (1280-1000). Features are drawn from one
half of a normal distribution, as after a ReLU. Each head starts dense, loses 95 % of its
connections and grows 30 % back; nothing is trained. Each head runs in a process of its own.
Finished heads are kept, and a second run continues after them. What runs on a GPU is kept apart.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from contextlib import suppress
from itertools import product
from pathlib import Path
from tempfile import mkdtemp

from benchmarks import _options
from benchmarks._records import Records, Task
from scann_sklearn.network._device import check_device

NAME, FIELDS = "large_heads", ("head", "hidden")
TARGET_SECONDS, TARGET_GIGABYTES = {"cpu": 60, "cuda": 3}, 3
KEPT, GROWN = 0.05, 0.3
BATCH = 2048  # samples that a growth looks at by default
# Inputs, outputs, and hidden neurons: a number without layers, or the sizes of the layers.
VGG, MOBILE = (25088, 1000), (1280, 1000)
HIDDEN = (500, 1000, 2000, 4000)
HEADS = {
    "VGG-16": (*VGG, HIDDEN),
    "VGG-16, layers": (*VGG, ((4096, 4096),)),
    "MobileNetV2": (*MOBILE, ((),)),
}
QUICK = {
    "VGG-16, a sixteenth": (1568, 62, (125, 250)),
    "VGG-16, layers, a sixteenth": (1568, 62, ((256, 256),)),
    "MobileNetV2": (*MOBILE, ((),)),
}
# Results on a machine with a GPU: alone, while three networks were trained there, without the GPU.
# The last two are files of runs with --into, renamed.
ON_GPU = ("cuda", "cuda_shared", "cuda_processor")
OPERATIONS = {
    "seed": "seed",
    "pruning": "pruning",
    "pruning of a new seed": "pruning of He's weights",
    "growth": "growth",
}


def operations(n_inputs, n_outputs, hidden, device="cpu"):
    """Yield the name and the record of each operation on one head."""
    import numpy as np

    from scann_sklearn.synthesis import grow_connections

    rng = np.random.default_rng(0)
    pruned, n = yield from dense_start(n_inputs, n_outputs, hidden, rng, device)
    X = np.maximum(rng.standard_normal((BATCH, n_inputs), dtype=np.float32), 0)
    y = rng.integers(0, n_outputs, BATCH)
    _, record = measured(lambda: grow_connections(pruned, X, y, round(GROWN * n), device=device))
    yield "growth", record


def dense_start(n_inputs, n_outputs, hidden, rng, device):
    """Yield the seed and the prunings; return the pruned network and the connections before."""
    import numpy as np

    from scann_sklearn.network import Network, Topology
    from scann_sklearn.synthesis import prune_connections

    shape = {"n_hidden": hidden} if isinstance(hidden, int) else {"layer_sizes": tuple(hidden)}
    dense, record = measured(
        lambda: Network.initialize(Topology.dense(n_inputs, n_outputs, **shape), rng, np.float32)
    )
    yield "seed", record
    n = dense.n_connections

    def prune():
        return prune_connections(dense, round(KEPT * n), device=device)

    # Behind fewer connections weights are larger: what is kept waits for layers of smaller ones.
    _, record = measured(prune, n)
    yield "pruning of a new seed", record
    # Torchvision's weights are of one size everywhere: all neurons keep connections, and growth
    # ranges over them.
    rng.standard_normal(out=dense.weight, dtype=np.float32)
    dense.weight[:] *= np.float32(0.01)
    pruned, record = measured(prune, n)
    yield "pruning", record
    return pruned, n


def measured(operation, n_before=0):
    """The network that comes of an operation, and its seconds and peak memory.

    The peak is that of the process, less what the weights take of the larger of both networks.
    What a GPU takes is counted apart: all that was allocated there.
    """
    forget_peak()
    start = time.perf_counter()
    network = operation()
    seconds = time.perf_counter() - start
    above = peak_bytes() - network.weight.itemsize * max(network.n_connections, n_before)
    return network, {
        "seconds": round(seconds, 2),
        "gigabytes_above": round(above / 1e9, 2),
        "gigabytes_on_gpu": round(gpu_peak_bytes() / 1e9, 2),
        "connections": network.n_connections,
        "neurons": network.n_hidden,
        "allowed": network.n_allowed,
    }


def forget_peak():
    """Begin the peak memory anew, where the system can do that; elsewhere it is of all before."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    if gpu_peak_bytes():
        sys.modules["torch"].cuda.reset_peak_memory_stats()


def gpu_peak_bytes():
    """Peak of what torch has allocated on a GPU; 0 where it isn't loaded or uses none."""
    torch = sys.modules.get("torch")
    return torch.cuda.max_memory_allocated() if torch and torch.cuda.is_initialized() else 0


def peak_bytes():
    """Peak memory of this process."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    else:
        kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return kilobytes * 1024


def carry_out(n_inputs, n_outputs, hidden, device):
    """Carry the operations out in this process, compiled; print a line for each."""
    few = 8 if isinstance(hidden, int) else [8] * len(hidden)
    list(operations(64, 10, few, device))
    for name, record in operations(n_inputs, n_outputs, hidden, device):
        print(json.dumps({"operation": name, **record}), flush=True)


def measure(head, n_inputs, n_outputs, hidden, device):
    """Content of a record: the operations on a head, in a process of its own."""
    words = ["--head", json.dumps([n_inputs, n_outputs, hidden, device])]
    command = [sys.executable, "-m", "benchmarks.large_heads", *words]
    found = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            record = json.loads(line)
            name = record.pop("operation")
            good = record["seconds"] < TARGET_SECONDS[device]
            good = good and (device != "cpu" or record["gigabytes_above"] < TARGET_GIGABYTES)
            found[name] = {**record, "met": good}
            print(
                f"{head}, hidden {hidden}, {name}: {record['seconds']} s, "
                f"{record['gigabytes_above']} GB above the weights, "
                f"{record['connections']} connections{'' if good else ', target MISSED'}",
                flush=True,
            )
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return {"n_inputs": n_inputs, "n_outputs": n_outputs, "operations": found}


def text_of(hidden):
    """Hidden neurons as the key of a record has them."""
    return str(hidden) if isinstance(hidden, int) else "-".join(map(str, hidden)) or "none"


def run(heads, folder=None, device="cpu"):
    """Measure what has no record yet, one head after the other."""
    records = Records(NAME if device == "cpu" else f"{NAME}_{device}", FIELDS, folder)
    tasks = [
        Task((head, text_of(hidden)), measure, (head, n_inputs, n_outputs, hidden, device))
        for head, (n_inputs, n_outputs, several) in heads.items()
        for hidden in several
    ]
    records.run(tasks, 1, "heads")
    return records


def large_heads():
    """Table of all heads and operations."""
    headings = ["head", "operation", "leaves connections", "time", "memory above the weights"]
    rows = []
    for record, (name, title) in product(Records(NAME, FIELDS), OPERATIONS.items()):
        r = record["operations"][name]
        neurons = "" if name == "seed" or not r["neurons"] else f", {r['neurons']} hidden neurons"
        leaves, memory = f"{r['connections']:,}{neurons}", f"{r['gigabytes_above']:.2f} GB"
        met = "yes" if r["met"] else "**no**"
        rows.append([_title(record), title, leaves, f"{r['seconds']:.1f} s", memory, met])
    return [*headings, f"< {TARGET_SECONDS['cpu']} s, < {TARGET_GIGABYTES} GB"], rows


def large_heads_gpu():
    """Table of the same on a GPU, alone and beside others, and on its machine's processor."""
    several = [Records(f"{NAME}_{kind}", FIELDS) for kind in ON_GPU]
    keys = [(head, text_of(hidden)) for head, (*_, hs) in HEADS.items() for hidden in hs]
    rows = []
    for key, (name, title) in product(keys, OPERATIONS.items()):
        found = [r.found[key]["operations"][name] if key in r.found else None for r in several]
        if name == "seed" or not any(found):  # a seed is drawn on the processor
            continue
        times = ["–" if f is None else f"{f['seconds']:.1f} s" for f in found]
        times = [
            text if f is None or f["met"] else f"**{text}**"
            for text, f in zip(times, found, strict=True)
        ]
        now = found[1]  # of the later code
        memory = f"{now['gigabytes_above']:.1f} + {now['gigabytes_on_gpu']:.1f}"
        head = f"{key[0].removesuffix(', layers')}, {key[1]}"
        rows.append([head, title, *times, memory])
    headings = ["head, hidden", "operation", "alone, earlier code", "beside three trainings"]
    return [*headings, "one core, no GPU", "memory, GB"], rows


def _title(record):
    return f"{record['head']}, hidden: {record['hidden']}"


def large_heads_figure(path):
    """Draw the time of the operations against hidden neurons.

    Parameters
    ----------
    path : path-like
        Where the figure goes. Without records nothing is drawn.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    found = [r for r in Records(NAME, FIELDS) if r["head"] == "VGG-16"]
    if not found:
        return
    found.sort(key=lambda r: int(r["hidden"]))
    hidden = [int(r["hidden"]) for r in found]
    fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for name, title in OPERATIONS.items():
        ax.plot(hidden, [r["operations"][name]["seconds"] for r in found], "o-", label=title)
    ax.set(xlabel="hidden neurons", ylabel="seconds", ylim=0, xlim=0)
    ax.grid(alpha=0.3)
    ax.legend()
    fig.savefig(path, dpi=100)
    plt.close(fig)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _options.add_into(parser)
    parser.add_argument("--quick", action="store_true", help="use a sixteenth of the neurons")
    parser.add_argument(
        "--device", choices=TARGET_SECONDS, default="cpu", help="where operations run"
    )
    parser.add_argument("--head", type=json.loads, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.head:
        carry_out(*args.head)
        return
    try:
        check_device(args.device)
    except ValueError as error:
        parser.error(str(error))
    into = args.into or (mkdtemp(prefix="heads-") if args.quick else None)
    records = run(QUICK if args.quick else HEADS, into, args.device)
    print(f"{len(records.found)} records in {records.path}")


if __name__ == "__main__":
    main()
