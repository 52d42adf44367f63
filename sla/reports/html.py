"""A document as one HTML file that needs nothing else: styles in it, no script, SVG charts. Prints light on A4."""

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from sla.reports.sheet import sheet_of

_STYLES = ("tokens.css", "marks.css", "report.css")
_MARGIN = "TradeWatch service level report"  # what report.css writes into the margin of each printed page


def html_of(document: Mapping[str, Any], *, edition: str = "") -> str:
    """Return the file; `edition` is the version of a kept report."""
    sheet = sheet_of(document)
    return render_to_string("sla/reports/alone.html", {"sheet": sheet, "edition": edition, "style": style_of(document)})


def style_of(document: Mapping[str, Any]) -> str:
    """Return the styles, with the report's name in the margin of each page. Names hold nothing that CSS would read."""
    return _styles().replace(_MARGIN, f"{document['name']}, {document['project']['slug']}")


def style_source(document: Mapping[str, Any]) -> str:
    """Return what a Content-Security-Policy must allow for the file to be styled in a browser."""
    digest = hashlib.sha256(style_of(document).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@lru_cache(maxsize=1)
def _styles() -> str:
    folder = settings.BASE_DIR / "static" / "tradewatch"
    return "\n".join((folder / name).read_text() for name in _STYLES)
