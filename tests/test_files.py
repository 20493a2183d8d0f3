"""Files are written whole or not at all."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import stat
import subprocess
import sys
import threading

import pytest

from scann_sklearn._files import shortened, write_file

from ._disk import full_disk

needs_posix = pytest.mark.skipif(os.name != "posix", reason="permissions and pipes of POSIX")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_new_and_old_files(tmp_path):
    path = tmp_path / "file"
    for content in (b"first", b"second, longer", b""):
        write_file(path, content)
        assert path.read_bytes() == content
    write_file(str(path), b"by a string")
    assert path.read_bytes() == b"by a string"
    assert names(tmp_path) == ["file"]


def test_full_disk(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with full_disk(100), pytest.raises(OSError, match="File too large") as info:
        write_file(path, bytes(101))
    assert info.value.filename == str(path)
    assert path.read_bytes() == b"old"
    with full_disk(100), pytest.raises(OSError, match="File too large"):
        write_file(tmp_path / "new", bytes(101))
    assert names(tmp_path) == ["file"]


@needs_posix
def test_permissions_are_those_of_an_ordinary_open(tmp_path):
    umask = os.umask(0o027)
    try:
        write_file(tmp_path / "new", b"")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    for mode in (0o600, 0o666, 0o755):
        (tmp_path / "new").chmod(mode)
        write_file(tmp_path / "new", b"again")
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == mode


@needs_posix
@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_its_target_is_written(tmp_path, there):
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    if there:
        target.write_bytes(b"old")
    link.symlink_to("folder/target")
    write_file(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert names(tmp_path / "folder") == ["target"]


@needs_posix
def test_a_pipe_is_written_to(tmp_path):
    path, read = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()), daemon=True)
    reader.start()
    write_file(path, b"content")
    reader.join(timeout=60)
    assert read == [b"content"]
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="no /dev/stdout here")
def test_standard_output_stays_the_file_that_it_was(tmp_path):
    code = (
        "from scann_sklearn._files import write_file\n"
        "write_file('/dev/stdout', b'first ')\n"
        "import os; os.lseek(1, 0, 2); os.write(1, b'second')"
    )
    with open(tmp_path / "out", "wb") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert (tmp_path / "out").read_bytes() == b"first second"
    assert names(tmp_path) == ["out"]


def test_errors_name_the_file(tmp_path):
    with pytest.raises(FileNotFoundError) as info:
        write_file(tmp_path / "nowhere" / "file", b"")
    assert info.value.filename == str(tmp_path / "nowhere" / "file")
    assert str(info.value).endswith("file'")
    with pytest.raises(OSError, match="directory"):
        write_file(tmp_path, b"")
    with pytest.raises(TypeError):
        write_file(None, b"")


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("scann_sklearn._files.os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_errors_quote_the_beginning_of_a_text():
    assert shortened("short") == "short"
    assert len(shortened(ValueError("x" * 10**6))) < 400


WITHOUT_MEMORY = """
import resource
import numpy as np
from scann_sklearn._npz import npz_bytes

large = np.ones(4_000_000)
with open("/proc/self/statm") as file:
    now = int(file.read().split()[0]) * resource.getpagesize()
for room in (2**23, 2**24, 20_000_000, 24_000_000):
    resource.setrlimit(resource.RLIMIT_AS, (now + room, resource.RLIM_INFINITY))
    try:
        npz_bytes("a", 1, {"large": large})
    except MemoryError:
        print("no memory")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="has no limit of memory, or no /proc")
def test_an_archive_that_memory_has_no_room_for():
    """zipfile can't close it then, which is no matter of the caller's."""
    command = [sys.executable, "-c", WITHOUT_MEMORY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (4 * "no memory\n", "")
