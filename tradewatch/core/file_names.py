"""Names of files that somebody else gave."""

_MOST_CHARACTERS = 150
_REFUSED = frozenset('<>:"|?*')  # by one file system or another


def safe_file_name(name: str) -> str:
    """Return the last part of a name, as a file may be called anywhere: `app.js` of `~/static/app.js`. Perhaps none."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2].lstrip(".").strip()
    plain = "".join("_" if each in _REFUSED or not each.isprintable() else each for each in last)
    return plain[:_MOST_CHARACTERS].strip()
