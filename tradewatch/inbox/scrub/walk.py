"""The walk over a document, and the one pass over its bytes that decides whether there is anything to walk for."""

from typing import Any

import orjson

from tradewatch.inbox.scrub import patterns
from tradewatch.inbox.scrub.keys import IP_ADDRESS, is_identifier
from tradewatch.inbox.scrub.policy import Rules, ScrubPolicy
from tradewatch.inbox.scrub.survey import ADDRESSES, NOTHING, survey
from tradewatch.inbox.scrub.text import (
    FILTERED,
    MARKER,
    looks_like_address,
    marker,
    mask_cookies,
    scrub_with,
)

RECORD = "_removed"
MAX_RECORDS = 100
MAX_DEPTH = 100
EMBEDDED_DEPTH = MAX_DEPTH - 30  # where JSON inside a text starts counting: a level costs three calls
MAX_EMBEDDINGS = 3
BY_SDK = "filtered by the sdk"
CODE = frozenset(("context_line", "pre_context", "post_context"))
SKIPPED = frozenset((RECORD, "_errors", "modules"))  # "django-session": "1.2" under modules is a version
Removed = list[dict[str, str]]
Path = tuple[Any, ...] | None  # (path of the parent, key)


def scrub_document(document: dict[str, Any], policy: ScrubPolicy, raw: bytes | None = None) -> Removed:
    """Take every secret out of `document`, in place, and return what was taken as [{"path", "kind"}].

    The same list (at most 100 entries) is kept under `_removed`. `raw`: the JSON that the document was made of; it
    saves writing the document once more to look at it.
    """
    rules = policy.rules
    data = raw if raw is not None and rules.is_ascii else _written(document)
    if data is not None:
        found, addresses = survey(data, rules)
        if found == NOTHING:
            return []
        if found == ADDRESSES:
            removed = _remove_usual_addresses(document, rules)
            if len(removed) == addresses:
                return _recorded(document, removed)
    walk = _Walk(rules)
    walk.document(document)
    return _recorded(document, walk.removed)


def is_clean(name: str, data: bytes, policy: ScrubPolicy) -> bool:
    """Tell by one pass that in the JSON `data`, which stands under `name`, there is nothing to remove. It may err: then
    False."""
    rules = policy.rules
    return rules.is_ascii and rules.kind(name) is None and survey(data, rules)[0] == NOTHING


def scrub_text(text: str) -> str:
    """Return `text` without the secrets in it (addresses stay: a bare text says of none whose it is)."""
    return scrub_with(text, _TEXT_POLICY.rules)[0]


_TEXT_POLICY = ScrubPolicy(keeps_ip_addresses=True)


def _written(value: Any) -> bytes | None:
    try:
        return orjson.dumps(value)
    except (orjson.JSONEncodeError, RecursionError):
        return None


def _remove_usual_addresses(document: dict[str, Any], rules: Rules) -> Removed:
    """Remove the addresses where nearly every event has them, and nowhere else."""
    removed: Removed = []
    request = document.get("request")
    places = [("user", document.get("user"))]
    if type(request) is dict:
        places.append(("request.env", request.get("env")))
    for path, place in places:
        if type(place) is dict:
            for name, value in place.items():
                if rules.kind(name) == IP_ADDRESS and type(value) is str and looks_like_address(value):
                    place[name] = marker(IP_ADDRESS)
                    removed.append({"path": f"{path}.{name}", "kind": IP_ADDRESS})
    return removed


def _recorded(document: dict[str, Any], removed: Removed) -> Removed:
    """Add what is new to the document's record, and return it."""
    before = document.get(RECORD)
    known = before if type(before) is list else []
    new = [entry for entry in removed if entry not in known] if known else removed
    if new and len(known) < MAX_RECORDS:
        document[RECORD] = (known + new)[:MAX_RECORDS]
    return new[:MAX_RECORDS]


class _Walk:
    """One walk over one document. Every method gets the container, the key in it, and the path of the container."""

    def __init__(self, rules: Rules, embeddings: int = 0) -> None:
        self.rules = rules
        self.embeddings = embeddings
        self.removed: Removed = []

    def document(self, document: dict[str, Any]) -> None:
        for key in [key for key in document if key not in SKIPPED]:
            self.entry(document, key, key, None, 1)
        modules = document.get("modules")
        if type(modules) is dict:
            for key, value in modules.items():
                if type(value) is str:
                    self.text(modules, key, value, "", (None, "modules"))

    def note(self, path: Path, kind: str) -> None:
        if len(self.removed) < MAX_RECORDS:
            self.removed.append({"path": self._joined(path), "kind": kind})

    def _joined(self, path: Path) -> str:
        names: list[str] = []
        while path is not None:
            path, name = path
            names.append(str(name)[:200])
        return ".".join(reversed(names))

    def entry(self, container: Any, key: Any, name: str, path: Path, depth: int) -> None:
        """Scrub `container[key]`, which stands under `name`."""
        value = container[key]
        kind = self.rules.kind(name) if type(key) is str else None
        if kind and self.value(container, key, kind, path):
            return
        if type(value) is str:
            self.text(container, key, value, name, path)
        elif type(value) is dict or type(value) is list:
            if depth >= MAX_DEPTH:
                container[key] = "[cut: nested too deep]"
            elif not self.is_clean(value):
                self.inside(value, name, (path, key), depth + 1)
        elif type(value) is int:
            self.number(container, key, value, name, path)

    def inside(self, value: Any, name: str, path: Path, depth: int) -> None:
        if type(value) is dict:
            self.mapping(value, name, path, depth)
        else:
            self.sequence(value, name, path, depth)

    def is_clean(self, value: Any) -> bool:
        """Tell by one pass over the bytes that nothing below needs a walk."""
        data = _written(value) if len(value) > 2 else None
        return data is not None and survey(data, self.rules)[0] == NOTHING

    def mapping(self, value: dict[str, Any], name: str, path: Path, depth: int) -> None:
        named = value.get("name", value.get("key"))
        if type(named) is str and "value" in value and (kind := self.rules.kind(_unquoted(named))):
            self.value(value, "value", kind, path)
        for key in list(value):
            self.entry(value, key, _unquoted(key) if key not in ("id", "ids") else f"{name}_{key}", path, depth)
        self.keys(value, path)

    def keys(self, value: dict[str, Any], path: Path) -> None:
        """A secret may be a key itself."""
        if self.rules.patterns.search("\n".join(value).encode("utf-8", "surrogatepass")) is None:
            return
        for key in list(value):
            clean, kinds = scrub_with(key, self.rules)
            if kinds:
                value[clean] = value.pop(key)
                self.note((path, clean), kinds[0])

    def sequence(self, value: list[Any], name: str, path: Path, depth: int) -> None:
        if len(value) == 2 and type(value[0]) is str and (kind := self.rules.kind(_unquoted(value[0]))):
            self.value(value, 1, kind, path)
        self._split_private_key(value, path)
        for index, item in enumerate(value):
            self.entry(value, index, name, path, depth)
            if type(item) is str and item.startswith("-") and index + 1 < len(value) and "=" not in item:
                kind = self.rules.kind(item)
                if kind and not str(value[index + 1]).startswith("-"):
                    self.value(value, index + 1, kind, path)

    def _split_private_key(self, lines: list[Any], path: Path) -> None:
        """Source lines may spell a private key, one line an entry."""
        is_inside = False
        for index, line in enumerate(lines):
            if type(line) is not str:
                continue
            begins, ends = "-----BEGIN" in line and "PRIVATE KEY" in line, "-----END" in line
            if (is_inside or begins) and line != marker("private key") and not (begins and ends):
                lines[index] = marker("private key")
                self.note((path, index), "private key")
            is_inside = (is_inside or begins) and not ends

    def value(self, container: Any, key: Any, kind: str, path: Path) -> bool:
        """Remove the value that its name gives away. False: it may stay, or be looked at like any other."""
        value = container[key]
        if value is None or type(value) is bool or value in ("", [], {}):
            return True
        if type(value) is str and MARKER.fullmatch(value.encode("utf-8", "surrogatepass")):
            if value == FILTERED:
                self.note((path, key), BY_SDK)
            return True
        if kind == IP_ADDRESS and not _holds_address(value):
            return False
        if kind == "cookie" and type(value) is not int and type(value) is not float:
            return self.cookies(container, key, value, path)
        if type(value) is dict and "value" in value and value.keys() <= {"value", "type", "unit"}:  # a log's attribute
            return self.value(value, "value", kind, (path, key))
        whole = marker(kind)
        container[key] = {"value": whole} if path == (None, "contexts") and type(value) is dict else whole
        self.note((path, key), kind)
        return True

    def cookies(self, container: Any, key: Any, value: Any, path: Path) -> bool:
        """Remove cookies' values and keep their names, in a header, an object or a list of pairs."""
        here = (path, key)
        if type(value) is str:
            masked = mask_cookies(value.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
            if masked != value:
                container[key] = masked
                self.note(here, "cookie")
        elif type(value) is dict:
            for name in value:
                self.whole(value, name, here)
        else:
            for index, item in enumerate(value):
                if type(item) is list and len(item) == 2:
                    self.whole(item, 1, (here, index))
                elif type(item) is dict and "value" in item:
                    self.whole(item, "value", (here, index))
                else:
                    self.cookies(value, index, item, here) if type(item) is str else self.whole(value, index, here)
        return True

    def whole(self, container: Any, key: Any, path: Path) -> None:
        if container[key] not in (None, marker("cookie"), FILTERED):
            container[key] = marker("cookie")
            self.note((path, key), "cookie")

    def text(self, container: Any, key: Any, value: str, name: str, path: Path) -> None:
        if value == FILTERED:
            self.note((path, key), BY_SDK)
            return
        if value[:1] in ("{", "[") and self.embedded(container, key, value, name, path):
            return
        clean, kinds = scrub_with(value, self.rules, is_code=name in CODE, name=name)
        if kinds:
            container[key] = clean
            for kind in dict.fromkeys(kinds):
                self.note((path, key), kind)

    def embedded(self, container: Any, key: Any, value: str, name: str, path: Path) -> bool:
        """Scrub JSON that travels as text, by its own structure. False: it is no JSON."""
        if self.embeddings == MAX_EMBEDDINGS:
            return False
        try:
            inner = orjson.loads(value)
        except orjson.JSONDecodeError:
            return False
        if type(inner) not in (dict, list):
            return False
        walk = _Walk(self.rules, self.embeddings + 1)
        walk.inside(inner, name, (path, key), EMBEDDED_DEPTH)
        if any(entry["kind"] != BY_SDK for entry in walk.removed):
            container[key] = orjson.dumps(inner).decode()
        self.removed = (self.removed + walk.removed)[:MAX_RECORDS]
        return True

    def number(self, container: Any, key: Any, value: int, name: str, path: Path) -> None:
        digits = str(value) if 10**12 <= value < 10**19 else ""
        if digits and patterns.is_card(digits) and not is_identifier(name):
            container[key] = marker("card number")
            self.note((path, key), "card number")


def _unquoted(name: str) -> str:
    """Return `x-api-key` for `b'x-api-key'`: SDKs send the repr of bytes."""
    return name.lstrip("bu").strip("'\"") if name[-1:] in ("'", '"') else name


def _holds_address(value: Any) -> bool:
    if type(value) is str:
        return looks_like_address(value)
    return type(value) is list and any(type(item) is str and looks_like_address(item) for item in value)
