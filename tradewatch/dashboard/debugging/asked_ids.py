"""Ids in the address of the workbench: whose request fills the form, whose is written down."""


def number_of(text: str | None) -> int | None:
    """Return a row's id; None for what is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None
