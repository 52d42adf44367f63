"""One value of a term: text with wildcards and, for numbers and times, an operator before it."""

from dataclasses import dataclass

OPERATORS = (">=", "<=", ">", "<")  # the longer first: the parser takes the first that fits
ESCAPED = '*"\\'


@dataclass(frozen=True, slots=True)
class Value:
    """`parts` are the texts between wildcards: `1.2*` is ("1.2", ""), a value without one has a single part.

    `at` is where it stands in the query, for faults; values that read the same are equal wherever they stand.
    """

    parts: tuple[str, ...]
    operator: str = ""
    at: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and (self.parts, self.operator) == (other.parts, other.operator)

    def __hash__(self) -> int:
        return hash((self.parts, self.operator))

    @property
    def is_exact(self) -> bool:
        return len(self.parts) == 1

    @property
    def text(self) -> str:
        """Return the value as it was meant, wildcards as `*`."""
        return "*".join(self.parts)


def exactly(text: str) -> Value:
    """Return the value that stands for `text` itself, whatever characters are in it."""
    return Value((text,))


def write_value(value: Value, *, is_free: bool = False) -> str:
    """Return what parses to `value`; quoted only where it must be. `is_free`: stands without a key before it."""
    escaped = "*".join("".join("\\" + each if each in ESCAPED else each for each in part) for part in value.parts)
    return value.operator + (escaped if _is_plain(value, is_free) else f'"{escaped}"')


def _is_plain(value: Value, is_free: bool) -> bool:
    text = "".join(value.parts)
    if any(each.isspace() or each in '"\\' for each in text) or not value.text:
        return False
    return not (is_free and text.startswith("!")) and not (not is_free and ("," in text or value.text[0] in "<>="))
