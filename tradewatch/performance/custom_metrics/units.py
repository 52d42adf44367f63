"""Names of units, one for each: what is measured in `ms` and in `millisecond` is one metric. Pure."""

MAX_UNIT = 40

_ALIASES = {
    "": ("none", "1"),
    "ratio": (),
    "percent": ("%", "pct", "percentage"),
    "nanosecond": ("ns", "nanoseconds"),
    "microsecond": ("us", "µs", "μs", "microseconds"),
    "millisecond": ("ms", "milliseconds", "millis"),
    "second": ("s", "sec", "secs", "seconds"),
    "minute": ("min", "minutes"),
    "hour": ("h", "hours"),
    "day": ("d", "days"),
    "week": ("weeks",),
    "bit": ("bits",),
    "byte": ("b", "bytes"),
    "kilobyte": ("kb", "kilobytes"),
    "megabyte": ("mb", "megabytes"),
    "gigabyte": ("gb", "gigabytes"),
    "terabyte": ("tb", "terabytes"),
    "kibibyte": ("kib", "kibibytes"),
    "mebibyte": ("mib", "mebibytes"),
    "gibibyte": ("gib", "gibibytes"),
    "tebibyte": ("tib", "tebibytes"),
}
_NAME_OF = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases)}


def unit_name(given: str) -> str:
    """Return the unit as metrics keep it: known ones by their one name, own ones (USD, lots) as given; none is ""."""
    text = given.strip()
    return _NAME_OF.get(text.lower(), text)
