"""Formulas as MathML, which browsers draw themselves: without a network, and without a script."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

logger = logging.getLogger(__name__)


def _mathml(node, as_block):
    """MathML of a formula; one that docutils doesn't know is a warning, and stays as it is."""
    formula = node.astext()
    try:
        return tex2mathml(formula, as_block=as_block)
    except MathError as error:
        logger.warning("%s in the formula %r", error, formula, location=node)
        return f"<code>{nodes.unescape(formula)}</code>"


def inline(translator, node):
    """Write a formula of a line."""
    translator.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def display(translator, node):
    """Write a formula of its own lines."""
    translator.body.append(translator.starttag(node, "div", CLASS="formula"))
    translator.body.append(_mathml(node, as_block=True))
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
