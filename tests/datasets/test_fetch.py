"""Downloads from a real server: what arrives whole is kept, nothing else ever is."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import gzip
import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from scann_sklearn import _files
from scann_sklearn.datasets import _fetch, get_data_home
from scann_sklearn.datasets._fetch import DataFile, fetch_files

from ._serving import unix_compressed, zipped

CONTENT = b"1,2,3\r\n4,5,6\r\n" * 5000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def git_blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def data_file(server, *pages, path="some/table.txt", **identity):
    urls = tuple(server.url + page for page in pages)
    return DataFile(path, urls, **(identity or {"sha256": SHA256}))


def files_below(folder):
    return sorted(
        path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()
    )


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/table.txt", CONTENT),
        ("/a.zip#table.txt", zipped({"table.txt": CONTENT, "x": b""})),
        ("/a.zip#folder/table.txt", zipped({"A B/folder/table.txt": CONTENT, "table.txt": b""})),
        ("/a.zip#b c.zip#table.txt", zipped({"b c.zip": zipped({"table.txt": CONTENT})})),
        ("/table.txt.Z", unix_compressed(CONTENT)),
        ("/a.zip#table.txt.Z", zipped({"table.txt.Z": unix_compressed(CONTENT)})),
    ],
)
def test_good_download(server, tmp_path, address, page):
    server.pages[address.partition("#")[0]] = page
    file = data_file(server, address)
    (read,) = fetch_files([file], tmp_path)
    assert read.getvalue() == CONTENT
    assert files_below(tmp_path) == ["some/table.txt"]
    assert (tmp_path / "some/table.txt").read_bytes() == CONTENT
    # The second time needs no server.
    assert fetch_files([file], tmp_path, download_if_missing=False)[0].getvalue() == CONTENT
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (CONTENT[:-20], "SHA-256"),
        (CONTENT.replace(b"5", b"6", 1), "SHA-256"),
        (b"<html>Try later</html>", "SHA-256"),
        (b"", "SHA-256"),
    ],
    ids=["truncated", "changed", "a web page", "empty"],
)
def test_wrong_content(server, tmp_path, page, reason):
    server.pages["/table.txt"] = page
    with pytest.raises(OSError, match=reason) as info:
        fetch_files([data_file(server, "/table.txt")], tmp_path)
    assert hashlib.sha256(page).hexdigest() in str(info.value)
    assert SHA256 in str(info.value)
    assert files_below(tmp_path) == []


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (zipped({"table.txt": CONTENT})[:-30], "zip file"),
        (zipped({"other.txt": CONTENT}), "no member 'table.txt'"),
        (zipped({"table.txt": CONTENT[:-1]}), "SHA-256"),
        (b"<html>Try later</html>", "zip file"),
    ],
    ids=["truncated", "another member", "member truncated", "a web page"],
)
def test_wrong_archive(server, tmp_path, page, reason):
    server.pages["/a.zip"] = page
    with pytest.raises(OSError, match=reason):
        fetch_files([data_file(server, "/a.zip#table.txt")], tmp_path)
    assert files_below(tmp_path) == []


def test_damaged_member_of_an_archive(server, tmp_path):
    page = bytearray(zipped({"table.txt": CONTENT}))
    page[60] ^= 0xFF
    server.pages["/a.zip"] = bytes(page)
    with pytest.raises(OSError, match="could not be downloaded"):
        fetch_files([data_file(server, "/a.zip#table.txt")], tmp_path)
    assert files_below(tmp_path) == []


@pytest.mark.parametrize("cut", [3, 1000])
def test_truncated_unix_compress(server, tmp_path, cut):
    server.pages["/table.txt.Z"] = unix_compressed(CONTENT)[:-cut]
    with pytest.raises(OSError, match="could not be downloaded"):
        fetch_files([data_file(server, "/table.txt.Z")], tmp_path)
    assert files_below(tmp_path) == []


def test_connection_breaks(server, tmp_path):
    server.pages["/table.txt"] = CONTENT
    server.short["/table.txt"] = len(CONTENT) // 2
    file = data_file(server, "/table.txt")
    with pytest.raises(OSError, match="could not be downloaded"):
        fetch_files([file], tmp_path)
    assert files_below(tmp_path) == []
    server.short.clear()
    assert fetch_files([file], tmp_path)[0].getvalue() == CONTENT


def test_not_found(server, tmp_path):
    with pytest.raises(OSError, match="404") as info:
        fetch_files([data_file(server, "/table.txt")], tmp_path)
    assert server.url + "/table.txt" in str(info.value)
    assert files_below(tmp_path) == []


def test_server_gone(server, tmp_path):
    file = data_file(server, "/a.zip#table.txt")
    other = data_file(server, "/a.zip#other.txt", path="some/other.txt")
    server.shutdown()
    server.server_close()
    with pytest.raises(OSError, match=r"could not be downloaded.*\n.*refused"):
        fetch_files([file, other], tmp_path)
    assert files_below(tmp_path) == []


def test_next_address(server, tmp_path):
    server.pages["/bad.txt"] = CONTENT[:-1]
    server.pages["/good.txt"] = CONTENT
    file = data_file(server, "/missing.txt", "/bad.txt", "/good.txt")
    assert fetch_files([file], tmp_path)[0].getvalue() == CONTENT
    assert server.requests == ["/missing.txt", "/bad.txt", "/good.txt"]


def test_all_failures_are_told(server, tmp_path):
    server.pages["/bad.txt"] = b"bad"
    with pytest.raises(OSError, match=r"(?s)/missing.txt: .*404.*/bad.txt: .*3 bytes"):
        fetch_files([data_file(server, "/missing.txt", "/bad.txt")], tmp_path)


def test_an_archive_is_downloaded_once(server, tmp_path):
    contents = {f"m{i}.txt": CONTENT + b"%d" % i for i in range(3)}
    server.pages["/a.zip"] = zipped(contents)
    files = [
        data_file(server, f"/a.zip#{name}", path=name, sha256=hashlib.sha256(content).hexdigest())
        for name, content in contents.items()
    ]
    read = fetch_files(files, tmp_path)
    assert [file.getvalue() for file in read] == list(contents.values())
    assert server.requests == ["/a.zip"]


def test_a_dead_address_is_asked_once(server, tmp_path):
    server.pages.update({f"/{name}": CONTENT for name in ("a.txt", "b.txt")})
    files = [data_file(server, f"/a.zip#{n}", f"/{n}", path=n) for n in ("a.txt", "b.txt")]
    fetch_files(files, tmp_path)
    assert server.requests == ["/a.zip", "/a.txt", "/b.txt"]


def test_what_arrived_is_kept_when_the_next_file_fails(server, tmp_path):
    server.pages["/one.txt"] = CONTENT
    files = [data_file(server, f"/{name}", path=name) for name in ("one.txt", "two.txt")]
    with pytest.raises(OSError, match="two"):
        fetch_files(files, tmp_path)
    assert files_below(tmp_path) == ["one.txt"]
    server.pages["/two.txt"] = CONTENT
    fetch_files(files, tmp_path)
    assert server.requests == ["/one.txt", "/two.txt", "/two.txt"]


def test_failure_while_writing(server, tmp_path, monkeypatch):
    def replace(*args):
        raise OSError("No space left on device")

    server.pages["/table.txt"] = CONTENT
    file = data_file(server, "/table.txt")
    with monkeypatch.context() as patch:
        patch.setattr(_files.os, "replace", replace)
        with pytest.raises(OSError, match="No space left"):
            fetch_files([file], tmp_path)
    assert files_below(tmp_path) == []
    # What a killed process leaves behind is no cached file either.
    (tmp_path / "some/.table.txt.0123.part").write_bytes(CONTENT[:7])
    assert fetch_files([file], tmp_path)[0].getvalue() == CONTENT


CHILD = """
import sys
from scann_sklearn.datasets._fetch import DataFile, fetch_files
url, sha256 = sys.argv[1:]
(read,) = fetch_files([DataFile("some/table.txt", (url,), sha256=sha256)])
print(len(read.getvalue()))
"""


def test_two_processes_at_once(server, empty_home):
    server.pages["/a.zip"] = zipped({"table.txt": CONTENT})
    server.meeting = threading.Barrier(2, timeout=60)  # neither is served before both have asked
    command = [sys.executable, "-c", CHILD, server.url + "/a.zip#table.txt", SHA256]
    root = Path(_fetch.__file__).parents[2]
    processes = [
        subprocess.Popen(
            command, cwd=root, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    results = [process.communicate(timeout=600) for process in processes]
    assert results == [(f"{len(CONTENT)}\n", "")] * 2
    assert server.requests == ["/a.zip"] * 2
    assert files_below(empty_home) == ["some/table.txt"]
    assert (empty_home / "some/table.txt").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [("", bytes), (".gz", gzip.compress), (".Z", unix_compressed)],
)
def test_files_that_lie_there_are_used_as_they_are(tmp_path, suffix, pack):
    (tmp_path / "some").mkdir()
    (tmp_path / f"some/table.txt{suffix}").write_bytes(pack(CONTENT))
    file = DataFile("some/table.txt", ("http://127.0.0.1:9/",), sha256=SHA256)
    assert fetch_files([file], tmp_path)[0].getvalue() == CONTENT
    assert files_below(tmp_path) == [f"some/table.txt{suffix}"]


def test_a_file_that_is_published_compressed(server, tmp_path):
    page = gzip.compress(CONTENT)
    server.pages["/table.gz"] = page
    sha256 = hashlib.sha256(page).hexdigest()
    file = data_file(server, "/table.gz", path="table.gz", sha256=sha256)
    for _ in range(2):
        assert fetch_files([file], tmp_path)[0].getvalue() == page
    assert server.requests == ["/table.gz"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("table.txt", CONTENT[:-1]),
        ("table.txt.gz", gzip.compress(CONTENT)[:-9]),
        ("table.txt.gz", gzip.compress(CONTENT[:-1])),
        ("table.txt.Z", unix_compressed(CONTENT)[:-9]),
    ],
)
def test_a_wrong_file_is_refused_and_left_alone(server, tmp_path, name, content):
    (tmp_path / "some").mkdir()
    place = tmp_path / "some" / name
    place.write_bytes(content)
    server.pages["/table.txt"] = CONTENT
    with pytest.raises(OSError, match=r"can't be used.*Delete it.*read_\*") as info:
        fetch_files([data_file(server, "/table.txt")], tmp_path)
    assert str(place) in str(info.value)
    assert place.read_bytes() == content
    assert server.requests == []


def test_download_if_missing(server, tmp_path):
    file = data_file(server, "/table.txt")
    with pytest.raises(OSError, match=r"'some/table.txt'.*download_if_missing"):
        fetch_files([file], tmp_path / "new", download_if_missing=False)
    assert server.requests == []
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("stored", [CONTENT, CONTENT.replace(b"\r\n", b"\n")])
def test_git_blob_id(server, tmp_path, stored):
    file = data_file(server, "/table.txt", git_blob=git_blob(stored))
    server.pages["/table.txt"] = CONTENT[:-2]
    with pytest.raises(OSError, match=f"git blob id {git_blob(CONTENT[:-2])}.*{git_blob(stored)}"):
        fetch_files([file], tmp_path)
    server.pages["/table.txt"] = CONTENT
    assert fetch_files([file], tmp_path)[0].getvalue() == CONTENT


def test_git_blob_id_is_git_s(tmp_path):
    # git hash-object of a file with the line "hello".
    file = DataFile("hello", (), git_blob="ce013625030ba8dba906f756967f9e9ca394464a")
    assert file.verify(b"hello\n") == b"hello\n"


def test_missing_library(server, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match="needs the package pooch: pip install pooch"):
        fetch_files([data_file(server, "/table.txt")], tmp_path)


def test_data_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SCANN_DATA_HOME", str(tmp_path / "a"))
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "b"))
    assert get_data_home() == str(tmp_path / "a")
    assert get_data_home(tmp_path / "c") == str(tmp_path / "c")
    assert get_data_home("~") == os.path.expanduser("~")
    monkeypatch.delenv("SCANN_DATA_HOME")
    assert get_data_home() == str(tmp_path / "b" / "scann_sklearn")
