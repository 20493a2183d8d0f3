"""Configuration of the documentation; building it needs no network."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys
from pathlib import Path

import scann_sklearn

sys.path.append(str(Path(__file__).parent / "_extensions"))

project = "scann-sklearn"
copyright = "2026, The scann-sklearn developers"
author = "The scann-sklearn developers"
version = release = scann_sklearn.__version__

extensions = [
    "mathml",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.extlinks",
    "sphinx.ext.intersphinx",
    "sphinx.ext.viewcode",
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

html_theme = "pydata_sphinx_theme"
html_title = "scann-sklearn"
html_theme_options = {"show_prev_next": False, "secondary_sidebar_items": ["page-toc"]}


def skip_request_methods(app, what, name, obj, skip, options):
    """Leave out set_fit_request and the like, which scikit-learn makes and explains."""
    return skip or (name.startswith("set_") and name.endswith("_request"))


def setup(app):
    """Connect the hook above."""
    app.connect("autodoc-skip-member", skip_request_methods)
