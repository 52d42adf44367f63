"""What surrounded the event: runtime, system, device, browser, trace, and whatever else was sent."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from tradewatch.core.shapes import Document, mapping, pairs_of, text_of
from tradewatch.dashboard.document.budget import Budget
from tradewatch.dashboard.document.values import pairs_html

# Those that SDKs name alike stand first, under the words people use for them.
KNOWN = {
    "trace": "Trace",
    "runtime": "Runtime",
    "browser": "Browser",
    "os": "Operating system",
    "device": "Device",
    "app": "Application",
    "culture": "Culture",
    "response": "Response",
    "gpu": "Graphics",
    "cloud_resource": "Cloud",
}
MAX_SECTIONS = 60


@dataclass(frozen=True, slots=True)
class Section:
    """`words` is the gist of a known context (`CPython 3.11.2`), shown while it is folded."""

    name: str
    count: int
    words: str
    html: SafeString


def read_contexts(document: Document, budget: Budget) -> tuple[list[Section], int]:
    """Return the sections to show and how many more there are."""
    contexts = {str(name): mapping(values) for name, values in mapping(document.get("contexts")).items()}
    order = [name for name in KNOWN if name in contexts] + sorted(name for name in contexts if name not in KNOWN)
    named = [(KNOWN.get(name, name), contexts[name]) for name in order]
    named += [("Extra", mapping(document.get("extra"))), ("Modules", mapping(document.get("modules")))]
    named = [(name, values) for name, values in named if values]
    sections: list[Section] = []
    for name, values in named[:MAX_SECTIONS]:
        if not budget.takes(name, markup=120):
            break
        pairs = [(key, value) for key, value in pairs_of(values) if key != "type"]
        sections.append(Section(text_of(name, 100), len(pairs), _gist(values), pairs_html(pairs, budget)))
    return sections, len(named) - len(sections)


def _gist(values: Document) -> str:
    return " ".join(filter(None, [text_of(values.get("name"), 60), text_of(values.get("version"), 40)]))
