"""Draws a PDF in a short process of low priority: fpdf2 and its fonts cost a long-lived process 40 MB."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from tradewatch.core.faults import Invalid

TIMEOUT_SECONDS = 120  # fifty targets over ninety days take ten on a slow machine


def pdf_apart(document: Mapping[str, Any], *, edition: str = "") -> bytes:
    """Return the PDF. Raises `Invalid` when it takes too long or fails."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "report_pdf"]
    asked = json.dumps({"document": document, "edition": edition}).encode()
    try:
        done = subprocess.run(  # noqa: S603  # our own interpreter and command; the document goes in by its input
            command, input=asked, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Invalid(f"the PDF took over {TIMEOUT_SECONDS} s: ask for fewer days, or HTML") from None
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise Invalid("the PDF failed; its reason is in the log of this server") from RuntimeError(
            done.stderr.decode(errors="replace")[-2000:]
        )
    return done.stdout
