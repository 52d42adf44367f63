"""The panel "Test to keep": the request as a test, a curl line and a .http file, to look at, copy and take along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from debugging.exports.gathering import Choice, gather
from debugging.exports.services import FORMATS
from debugging.exports.shapes import Reproduction
from debugging.models import DebugSession
from tradewatch.core.faults import Fault
from tradewatch.dashboard.debugging.asked_ids import number_of
from tradewatch.dashboard.debugging.previews import fitting_length

PREVIEW_BYTES = 5000
_NAMES = {"pytest": "pytest", "curl": "curl", "http": ".http"}


@dataclass(frozen=True, slots=True)
class Export:
    """`lines` of a file that is too long to be shown end early: `is_cut`, and only the download has all.

    `fault` says why there is no file: this format cannot hold the request, others may.
    """

    key: str
    name: str
    file_name: str = ""
    lines: Sequence[str] = ()
    is_cut: bool = False
    download: str = ""
    fault: str = ""


def exports_section(session: DebugSession, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the three files. `keep` of the address names a replay whose request it is."""
    replay_id = number_of(asked.get("keep"))
    try:
        made = gather(session, Choice(replay_id=replay_id))
    except Fault as fault:
        return {"exports": [], "export_fault": fault.detail}
    files = [_export(session, key, made, replay_id) for key in FORMATS]
    variables = [slot.variable for slot in made.slots]
    about = f"replay {replay_id}" if replay_id else ""
    return {"exports": files, "export_variables": variables, "export_about": about, "export_lost": made.lost}


def _export(session: DebugSession, key: str, made: Reproduction, replay_id: int | None) -> Export:
    name = _NAMES.get(key, key)
    try:
        file = FORMATS[key](made)
    except Fault as fault:
        return Export(key, name, fault=fault.detail)
    query = urlencode({"format": key, **({"replay": replay_id} if replay_id else {})})
    download = f"{reverse('debug-session-reproduction', args=[session.pk])}?{query}"
    text = file.text.strip("\n")
    length = fitting_length(text, PREVIEW_BYTES)
    return Export(key, name, file.name, text[:length].split("\n"), len(text) > length, download)
