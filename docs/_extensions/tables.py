"""Tables of short cells keep each cell on one line; on a narrow page they scroll as a whole."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from docutils import nodes

SHORT = 48  # characters


def mark_results(app, doctree):
    """Give the class ``results``, which ``pages.css`` knows, to tables without longer cells."""
    for table in doctree.findall(nodes.table):
        bodies = table.findall(nodes.tbody)
        cells = [entry.astext() for body in bodies for entry in body.findall(nodes.entry)]
        if all(len(line) <= SHORT for cell in cells for line in cell.splitlines()):
            table["classes"] += ["results", "colwidths-auto"]


def setup(app):
    """Register the above."""
    app.connect("doctree-read", mark_results)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
