"""The looks at a deployment, and what the chosen one compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from releases.models import Deployment, DeploymentLook
from releases.verdicts.evidence import Evidence, evidence_of
from releases.verdicts.looking import follower_of
from releases.verdicts.queries import deciding_look, looks_of
from releases.verdicts.stretches import LOOKS
from tradewatch.dashboard.releases.deployment.asked import Asked
from tradewatch.dashboard.releases.deployment.comparing.errors import is_slight
from tradewatch.dashboard.releases.deployment.comparing.table import table_of
from tradewatch.dashboard.releases.deployment.headline import agreement, headline_of, stretch_words
from tradewatch.dashboard.releases.deployment.steps import steps_of


@dataclass(frozen=True, slots=True)
class Tab:
    """`query` empty: that look was not taken."""

    minutes: int
    query: str
    is_chosen: bool


def looks(asked: Asked) -> Mapping[str, Any]:
    found = looks_of(asked.row)
    chosen = chosen_look(found, asked.parameters.get("look", ""))
    evidence = read_evidence(chosen) if chosen else None
    deciding = deciding_look(found)
    told = read_evidence(deciding) if deciding else None
    return {
        "looks": found,
        "look": chosen,
        "deciding": deciding,
        "headline": headline_of(told) if told else None,
        "got_slightly_worse": any(is_slight(each) for each in told.judgement.errors) if told else False,
        "agreement": agreement([(look.minutes, look.verdict) for look in found]),
        "look_steps": steps_of(asked.row, found, _follower(asked.row), asked.now),
        "tabs": _tabs(asked, found, chosen),
        "table": table_of(evidence, shows_all=asked.parameters.get("all") == "1") if evidence else None,
        "stretches": stretch_words(evidence) if evidence else "",
        "all_query": _query(asked, chosen.minutes, shows_all=True) if chosen else "",
    }


def chosen_look(found: Sequence[DeploymentLook], named: str) -> DeploymentLook | None:
    """Return the look of so many minutes; else the one that decides. An old link should open."""
    return next((look for look in found if str(look.minutes) == named), None) or deciding_look(found)


def read_evidence(look: DeploymentLook) -> Evidence | None:
    """Return what the look wrote down; None where this version cannot read it: another one wrote it."""
    try:
        return evidence_of(look.evidence)
    except msgspec.ValidationError:
        return None


def worst_endpoint(row: Deployment) -> str:
    """Return the name of the endpoint whose errors got worst; empty: none did."""
    look = deciding_look(looks_of(row))
    evidence = read_evidence(look) if look else None
    worse = [each for each in evidence.judgement.errors if each.finding == "worse"] if evidence else []
    return worse[0].endpoint if worse else ""


# --- which one is shown ----------------------------------------------------------------------------------------------
def _tabs(asked: Asked, found: Sequence[DeploymentLook], chosen: DeploymentLook | None) -> list[Tab]:
    seen = {look.minutes for look in found}
    return [
        Tab(minutes, _query(asked, minutes) if minutes in seen else "", bool(chosen and chosen.minutes == minutes))
        for minutes in sorted({*LOOKS, *seen})
    ]


def _query(asked: Asked, minutes: int, *, shows_all: bool = False) -> str:
    return asked.scope.query_with({"look": str(minutes)} | ({"all": "1"} if shows_all else {}))


def _follower(row: Deployment) -> Deployment | None:
    return follower_of(row) if row.finished_at else None
