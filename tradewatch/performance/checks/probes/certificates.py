"""TLS of a check: its context, and when the other side's certificate ends."""

import functools
import ssl
from datetime import datetime
from typing import Any

from cryptography import x509


@functools.cache
def context_of(*, verifies: bool) -> ssl.SSLContext:
    """Return one of two contexts: to read the system's authorities anew takes 20 ms of CPU."""
    context = ssl.create_default_context()
    if not verifies:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def expiry_of(ssl_object: Any) -> datetime | None:
    """Return when the certificate of a TLS connection ends; None where there is none. Read from the certificate itself:
    Python names its dates only when it has verified it."""
    der = ssl_object.getpeercert(binary_form=True) if ssl_object is not None else None
    return x509.load_der_x509_certificate(der).not_valid_after_utc if der else None
