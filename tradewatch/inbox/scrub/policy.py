"""What a project wants scrubbed, compiled once: patterns, and the verdicts on names."""

import functools
from dataclasses import dataclass, field

from tradewatch.inbox.scrub.keys import IP_ADDRESS, PROJECT_FIELD, kind_of, squashed
from tradewatch.inbox.scrub.met import Met
from tradewatch.inbox.scrub.patterns import compile_patterns

MAX_CACHED_NAMES = 20_000
MAX_CACHED_LENGTH = 100
MAX_ADDRESS_NAMES = 1_000


@dataclass(frozen=True)
class ScrubPolicy:
    """`extra_fields`: names (in any case, with any separators) whose values go as well."""

    keeps_ip_addresses: bool = False
    extra_fields: frozenset[str] = field(default_factory=frozenset)

    @functools.cached_property
    def rules(self) -> "Rules":
        return rules_for(self)


class Rules:
    """A policy ready for use. Names repeat from event to event, so verdicts are kept."""

    def __init__(self, policy: ScrubPolicy) -> None:
        self.keeps_ip_addresses = policy.keeps_ip_addresses
        self.extra = frozenset(squashed(name) for name in policy.extra_fields) - {""}
        self.is_ascii = all(name.isascii() for name in self.extra)  # else raw JSON may spell a name in escapes
        self.patterns = compile_patterns(self.extra)
        self.names, self.pieces = Met(), Met()  # of documents, found clean under this policy
        self.address_names: set[bytes] = set()
        self._kinds: dict[str, str | None] = {}

    def kind(self, name: str) -> str | None:
        """Return what the values under `name` are, None when they may stay."""
        try:
            return self._kinds[name]
        except KeyError:
            return self._judge(name)

    def meet_address_name(self, name: bytes) -> None:
        """Take `name` as one of an address, and of nothing else, from now on."""
        if len(self.address_names) < MAX_ADDRESS_NAMES and len(name) <= MAX_CACHED_LENGTH:
            self.address_names.add(name)

    def _judge(self, name: str) -> str | None:
        if "[removed: " in name:  # a marker speaks of secrets and is none
            return None
        kind = PROJECT_FIELD if self.extra and squashed(name) in self.extra else kind_of(name[-MAX_CACHED_LENGTH:])
        if kind == IP_ADDRESS and self.keeps_ip_addresses:
            kind = None
        if len(name) <= MAX_CACHED_LENGTH:
            if len(self._kinds) >= MAX_CACHED_NAMES:
                self._kinds.clear()
            self._kinds[name] = kind
        return kind


@functools.lru_cache(maxsize=1000)
def rules_for(policy: ScrubPolicy) -> Rules:
    """Return the compiled policy, the same object for equal policies."""
    return Rules(policy)
