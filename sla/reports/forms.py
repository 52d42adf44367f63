"""A document in any of its forms, as a file: bytes, name and type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sla.reports.apart import pdf_apart
from sla.reports.canonical import canonical
from sla.reports.csv_file import csv_of
from sla.reports.html import html_of

CONTENT_TYPES = {
    "json": "application/json",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content_type: str
    content: bytes


def file_of(document: Mapping[str, Any], form: str, *, edition: str = "") -> File:
    """Return the document as `form`. `edition` is the version of a kept report.

    The JSON is the canonical bytes: their SHA-256 is the report's. Raises `Invalid` when a PDF takes too long.
    """
    match form:
        case "html":
            content = html_of(document, edition=edition).encode()
        case "pdf":
            content = pdf_apart(document, edition=edition)
        case "csv":
            content = csv_of(document).encode()
        case _:
            content = canonical(document)
    parts = (document["name"], document["project"]["slug"], edition.replace("version ", "v"))
    return File(f"{'-'.join(filter(None, parts))}.{form}", CONTENT_TYPES[form], content)
