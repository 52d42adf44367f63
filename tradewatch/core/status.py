"""What higher parts say about themselves on /error-tracking/status, whose view lives below them and cannot ask."""

from collections.abc import Callable, Mapping

Section = Callable[[], Mapping[str, object]]

_sections: dict[str, Section] = {}


def add_status_section(name: str, section: Section) -> None:
    """Let the status carry what `section` returns (plain JSON values, read at each request) under `name`."""
    _sections[name] = section


def status_sections() -> dict[str, dict[str, object]]:
    """Return {name: what the section says now}."""
    return {name: dict(section()) for name, section in sorted(_sections.items())}
