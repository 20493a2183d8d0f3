"""Configuration of the documentation; building it needs no network."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys
from pathlib import Path

import scann_sklearn
from scann_sklearn._doc_links import DocLinkMixin

sys.path.append(str(Path(__file__).parent / "_extensions"))

project = "scann-sklearn"
copyright = "2026, The scann-sklearn developers"
author = "The scann-sklearn developers"
version = release = scann_sklearn.__version__

extensions = [
    "mathml",
    "tables",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx.ext.intersphinx",
    "sphinx.ext.viewcode",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "examples"]
templates_path = ["_templates"]

# References in docstrings: :arxiv:`1904.09090`, :doi:`10.1109/TCAD.2021.3116470`.
extlinks = {
    "arxiv": ("https://arxiv.org/abs/%s", "arXiv:%s"),
    "doi": ("https://doi.org/%s", "doi:%s"),
}

# Links to other projects, from inventories that inventories/make.py writes.
intersphinx_mapping = {
    "numpy": ("https://numpy.org/doc/stable/", "inventories/numpy.inv"),
    "python": ("https://docs.python.org/3/", "inventories/python.inv"),
    "scipy": ("https://docs.scipy.org/doc/scipy/", "inventories/scipy.inv"),
    "sklearn": ("https://scikit-learn.org/stable/", "inventories/sklearn.inv"),
    "torch": ("https://docs.pytorch.org/docs/stable/", "inventories/torch.inv"),
}

autosummary_generate = True
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # the docstrings state the types
# The template of a class lists its members; numpydoc would list inherited ones a second time.
numpydoc_show_class_members = False

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    "within_subsection_order": "FileNameSortKey",
    "doc_module": "scann_sklearn",
    "reference_url": {"scann_sklearn": None},
    "backreferences_dir": "generated/examples",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
}

# In the gallery the "?" of an estimator leads to the pages beside it.
DocLinkMixin._documentation = ".."

nitpicky = True
numpydoc_xref_param_type = False  # types are words: "int or None", "array-like of shape ..."

html_theme = "pydata_sphinx_theme"
html_title = "scann-sklearn"
html_theme_options = {
    "show_prev_next": False,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
}
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_sidebars = {"index": []}


def skip_request_methods(app, what, name, obj, skip, options):
    """Leave out set_fit_request and the like, which scikit-learn makes and explains."""
    return skip or (name.startswith("set_") and name.endswith("_request"))


def resolve_short_name(app, env, node, contnode):
    """Find what is written ``scann_sklearn.NAME`` or ``NAME`` where the API reference lists it."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    name = target.rpartition(".")[2]
    if target not in (name, f"scann_sklearn.{name}"):
        return None
    domain = env.domains.python_domain
    listed = [full for full in domain.objects if full.endswith(f".{name}") and "._" not in full]
    if len(listed) != 1 or not listed[0].startswith("scann_sklearn."):
        return None
    return domain.resolve_xref(
        env, node["refdoc"], app.builder, node["reftype"], listed[0], node, contnode
    )


def setup(app):
    """Connect the hooks above."""
    app.connect("autodoc-skip-member", skip_request_methods)
    app.connect("missing-reference", resolve_short_name)
