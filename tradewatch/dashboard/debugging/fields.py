"""Fields of the workbench's forms: what stands in them, what was wrong with it. The template draws them all alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tradewatch.core.faults import Fault


@dataclass(frozen=True, slots=True)
class Field:
    """`rows` 0: one line, else so many. `options`: one of these, as (value, words)."""

    name: str
    label: str
    value: str = ""
    help: str = ""
    errors: Sequence[str] = ()
    rows: int = 0
    options: Sequence[tuple[str, str]] = ()
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that came back to its sender: which one, its texts, what was wrong with them by field."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    detail: str = ""

    def of(self, form: str) -> "Sent":
        """Return this one if it is of the form, else one that says nothing."""
        return self if self.form == form else NOTHING_SENT


NOTHING_SENT = Sent()


def sent_back(form: str, values: Mapping[str, str], fault: Fault) -> Sent:
    """Return the form with the service's words at the page's fields: of "modifications.patch.2.path", at the body."""
    errors: dict[str, list[str]] = {}
    for path, texts in fault.errors.items():
        first, *rest = path.removeprefix("modifications.").removeprefix("changes.").split(".")
        name = "body" if first == "patch" else first
        where = f"{'.'.join(rest)}: " if rest else ""
        errors.setdefault(name, []).extend(f"{where}{text}" for text in texts)
    return Sent(form, values, errors, fault.detail)
