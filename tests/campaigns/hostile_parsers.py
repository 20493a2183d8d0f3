"""Data files and archives that were changed: for parsers, in a data home, and from a server."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import gzip
import hashlib
import os
import threading
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from scann_sklearn import datasets
from scann_sklearn.datasets._fetch import DataFile, fetch_files
from scann_sklearn.datasets._packed import decompress
from tests.campaigns import _mutations as mutations
from tests.campaigns._campaign import Campaign
from tests.datasets._serving import lzw_bomb, lzw_compressed, unix_compressed, zipped
from tests.datasets.conftest import Server
from tests.datasets.test_parsers import HAR_LINE, SAMPLES

IDX = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])
SMS = b"ham\tOk lar... Joking wif u oni...\nspam\tFree entry in 2 a wkly comp\n"
_WORDS = (
    b"nan", b"inf", b"-", b"1e999", b"99999999999999999999", b",", b";", b"\t", b"\n", b"\r\n",
    b'"', b"\0", b"\xff\xfe", b" ", b"-1", b"1:1", b"0x1F", b"1_0", "١".encode(),
)  # fmt: skip
_ENDLESS = 10**6


@dataclass
class Case:
    """A file, how it is packed and where it comes from."""

    way: str
    name: str
    content: bytes
    address: str = ""

    def __repr__(self):
        return f"{self.way} {self.name} {self.address}: {self.content[:300]!r}"


class Parsers(Campaign):
    """Parsers of `scann_sklearn.datasets`, its archives, and what it downloads."""

    name = "parsers"
    documented = (ValueError, OSError)
    share = 0.29
    memory = 2**29
    permitted = ("ctypes.dlopen", "code.__new__")

    def prepare(self, folder):
        """Import what downloads."""
        import pooch  # noqa: F401
        import requests  # noqa: F401

    def begin(self):
        """Start a server on the loopback interface."""
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
        self.server = Server()
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def case(self, rng):
        """A changed file."""
        ways = ["parser", "packed", "home", "server"]
        way = str(rng.choice(ways, p=[0.6, 0.15, 0.15, 0.1]))
        name = str(rng.choice([*SAMPLES, "idx", "har", "sms_spam"]))
        content = _text(name, rng)
        if rng.random() < 0.9:
            content = _changed(content, rng)
        address = ""
        if way == "server":
            content, address = _served(content, rng)
        elif way != "parser" or rng.random() < 0.3:
            content = _packed(content, rng)
        if rng.random() < 0.3:
            content = mutations.edit(content, rng)
        return Case(way, name, content, address)

    def run(self, case):
        """Read it, in a folder of its own."""
        getattr(self, f"_run_{case.way}")(case)

    def _run_parser(self, case):
        file = BytesIO(case.content)
        if case.name == "har":
            found = datasets.read_har(file, BytesIO(b"5\n" * 3), BytesIO(b"1\n" * 3))
        else:
            found = getattr(datasets, f"read_{case.name}")(file)
        for array in found if isinstance(found, tuple) else (found,):
            if isinstance(array, np.ndarray) and array.dtype.kind == "f":
                assert np.isfinite(array).all(), "values are not finite"

    def _run_packed(self, case):
        path = Path("file")
        path.write_bytes(case.content)
        try:
            if case.name == "har":
                decompress(case.content, _ENDLESS)
            else:
                getattr(datasets, f"read_{case.name}")(path)
        finally:
            path.unlink()

    def _run_home(self, case):
        home, suffix = Path("home"), (".gz", ".Z", "")[len(case.content) % 3]
        home.mkdir(exist_ok=True)
        place = home / f"table.txt{suffix}"
        place.write_bytes(case.content)
        digest = hashlib.sha256(_plain(case.content)).hexdigest()
        try:
            fetch_files([DataFile("table.txt", (), sha256=digest, n_bytes=_ENDLESS)], home)
        finally:
            assert place.read_bytes() == case.content, "the file has changed"
            place.unlink()
            home.rmdir()

    def _run_server(self, case):
        """The official content or nothing lies in the data home, and nothing beside it."""
        self.server.pages = {case.address.partition("#")[0]: case.content}
        self.server.short = {"/short": 10}
        digest = hashlib.sha256(_text("letter", None)).hexdigest()
        url = self.server.url + case.address
        file = DataFile("a/table.txt", (url,), sha256=digest, n_bytes=_ENDLESS)
        home = Path("home")
        try:
            (found,) = fetch_files([file], home)
            assert hashlib.sha256(found.read()).hexdigest() == digest
        finally:
            left = [path for path in Path.cwd().rglob("*") if path.is_file()]
            beside = [path for path in left if path != Path.cwd() / "home/a/table.txt"]
            for path in left:
                path.unlink()
            assert not beside, f"left {beside}"


def _plain(content):
    """What a file should hold, so that some of the files are right."""
    try:
        return decompress(content, _ENDLESS)
    except ValueError:
        return content


def _text(name, rng):
    """A file in order, of some rows."""
    if name == "idx":
        return IDX
    if name == "har":
        return HAR_LINE * 3
    if name == "sms_spam":
        return SMS
    content = SAMPLES[name][0]
    return content * (3 if rng is None else int(rng.choice([1, 3, 40])))


def _changed(content, rng):
    """Changed bytes, or words in the place of some."""
    if rng.random() < 0.5:
        return mutations.edit(content, rng)
    content = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(content) + 1))
        word = _WORDS[rng.integers(len(_WORDS))] * int(rng.choice([1, 1, 1, 300]))
        content[at : at + int(rng.integers(0, 5))] = word
    return bytes(content)


def _packed(content, rng):
    """Compressed in one way or another, perhaps a bomb."""
    kind = rng.integers(8)
    if kind <= 2:
        return gzip.compress(content)
    if kind == 3:
        return unix_compressed(content)
    if kind == 4:
        return lzw_compressed(content or b"x", int(rng.choice([10, 12, 16])))
    if kind == 5:
        return gzip.compress(bytes(10**7)) if rng.random() < 0.2 else gzip.compress(content)[:-3]
    if kind == 6:
        return lzw_bomb(3000) if rng.random() < 0.3 else b"\x1f\x9d" + rng.bytes(60)
    return gzip.compress(gzip.compress(content))


_TRAVERSALS = (
    "../../table.txt", "/tmp/outside/table.txt", "..\\..\\table.txt", "a/../../../table.txt",
    "C:/table.txt", "table.txt/", "./table.txt", "a\0table.txt", "ü/table.txt", "table.txt",
)  # fmt: skip


def _served(content, rng):
    """A page and its address."""
    kind = rng.integers(6)
    if kind == 0:
        return content, "/table.txt"
    if kind == 1:
        return _packed(content, rng), "/table.txt.Z"
    if kind == 2:
        return zipped({"b.zip": zipped({"table.txt": content})}), "/a.zip#b.zip#table.txt"
    if kind == 3:
        return zipped({"table.txt": bytes(10**7)}), "/a.zip#table.txt"
    if kind == 4:
        return content + bytes(20), "/short"
    name = _TRAVERSALS[rng.integers(len(_TRAVERSALS))]
    return zipped({name: _text("letter", None), "other": content}), "/a.zip#table.txt"


CAMPAIGN = Parsers
