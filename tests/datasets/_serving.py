"""Pages that fit the addresses a file states, built from its content."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import zipfile
from dataclasses import replace
from io import BytesIO
from urllib.parse import urlsplit


def zipped(members):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def unix_compressed(content):
    """Valid .Z: literal codes of nine bits, the table cleared before it needs a tenth."""
    out = bytearray(b"\x1f\x9d\x90")
    for start in range(0, len(content), 247):
        codes = [*content[start : start + 247], 256]
        bits = sum(code << 9 * place for place, code in enumerate(codes))
        out += bits.to_bytes(-(-9 * len(codes) // 8), "little")
    return bytes(out)


def lzw_compressed(content, widest, cleared_after=10**9):
    """As compress does it: codes that grow, and a table that can be cleared."""
    first = {bytes([i]): i for i in range(256)}
    known, codes, word = first.copy(), [], content[:1]
    for start in range(1, len(content)):
        longer = word + content[start : start + 1]
        if longer in known:
            word = longer
            continue
        codes.append(known[word])
        word = longer[-1:]
        if len(known) == cleared_after:
            codes.append(256)
            known = first.copy()
        elif len(known) + 1 < 1 << widest:
            known[longer] = len(known) + 1  # 256 is taken
    return _lzw_packed([*codes, known[word]], widest)


def lzw_bomb(n_codes, widest=16):
    """Zeros, n_codes ** 2 / 2 of them: every code stands for one more than the last."""
    return _lzw_packed([0, *range(257, 256 + n_codes)], widest)


def _lzw_packed(codes, widest):
    out, group, width, size = bytearray([0x1F, 0x9D, 0x80 | widest]), [], 9, 257

    def write():
        bits = sum(code << width * place for place, code in enumerate(group))
        out.extend(bits.to_bytes(-(-width * len(group) // 8), "little"))
        group.clear()

    for code in codes:
        group.append(code)
        size = min(size + 1, 1 << widest)
        if code == 256 or size > 1 << width:  # the width changes, and the group is padded
            group.extend([0] * (-len(group) % 8))
        if len(group) % 8 == 0:
            write()
        if code == 256:
            width, size = 9, 257
        elif size > 1 << width:
            width += 1
    write()
    return bytes(out)


def move(file, server, urls=None):
    """Let a file come from the test's server, by the paths and members of its real addresses."""
    moved = []
    for url in file.urls if urls is None else urls:
        parts = urlsplit(url)
        moved.append(parts._replace(scheme="http", netloc=server.url[7:]).geturl())
    return replace(file, urls=tuple(moved))


def serve(server, contents):
    """Put up the pages for files that have one address each; `contents` has file -> bytes."""
    tree = {}
    for file, content in contents.items():
        (url,) = file.urls
        page, *members = url.removeprefix(server.url).split("#")
        if url.endswith(".Z"):
            content = unix_compressed(content)
        branch = tree
        for name in [page, *members][:-1]:
            branch = branch.setdefault(name, {})
        branch[[page, *members][-1]] = content
    server.pages.update({page: _packed(branch) for page, branch in tree.items()})


def _packed(branch):
    if isinstance(branch, bytes):
        return branch
    # As in UCI's archives, the files may be in a folder of their own.
    return zipped({f"A folder/{name}": _packed(inner) for name, inner in branch.items()})
