"""Where the "?" in the HTML representation of an estimator leads."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from functools import cache
from importlib.metadata import PackageNotFoundError, metadata


@cache
def published_address() -> str | None:
    """Address of the published documentation, or None where there is none.

    It is stated once, in ``pyproject.toml``: ``[project.urls]``, ``Documentation``.
    """
    try:
        urls = metadata("scann-sklearn").get_all("Project-URL") or []
    except PackageNotFoundError:  # run from a checkout that is not installed
        return None
    addresses = dict(url.split(", ", 1) for url in urls)
    return addresses.get("Documentation")


class DocLinkMixin:
    """Mixin of the estimators; scikit-learn's own would link classes of scikit-learn only."""

    _doc_link_module = "scann_sklearn"
    _documented_in = "scann_sklearn"  # the package under which the API reference lists the class
    _documentation: str | None = None  # other address, such as a relative one within the pages

    @property
    def _doc_link_template(self) -> str:
        address = self._documentation or published_address() or ""
        return address.rstrip("/") + "/generated/{package}.{name}.html"

    def _doc_link_url_param_generator(self) -> dict[str, str]:
        return {"package": self._documented_in, "name": type(self).__name__}

    def _get_doc_link(self) -> str:
        """Address of the page of this class; "" where the documentation isn't published."""
        if not (self._documentation or published_address()):
            return ""
        return super()._get_doc_link()  # type: ignore[misc]
