"""The attributes that a rule over a custom metric is narrowed to, as people write them. Pure."""


def read_filter(text: str) -> dict[str, list[str]]:
    """Return {attribute: accepted values} of `venue=XNYS|XLON, side=buy`; empty for no text.

    Raises ValueError with a sentence.
    """
    found: dict[str, list[str]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, sign, values = (each.strip() for each in part.partition("="))
        if not sign or not name:
            raise ValueError(f"expected name=value, e.g. venue=XNYS|XLON, side=buy; not {part[:40]}")
        if name in found:
            raise ValueError(f"{name[:40]} stands twice: write {name[:40]}=one|other")
        found[name] = [value.strip() for value in values.split("|")]
    return found
