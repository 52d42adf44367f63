"""Which endpoint the page is about: the one that got worst."""

from releases.models import Deployment


def worst_endpoint(row: Deployment) -> str:
    """Return the name of the endpoint that the last look found worst; empty: none did, all of them are meant."""
    return ""
