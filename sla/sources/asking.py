"""What measures in force want counted of transactions: their thresholds, and the tags that they ask for."""

from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from django.db.models import Q

from sla.measuring import in_force
from sla.models import Measure
from sla.sources.definitions import Definition, Faults
from tradewatch.performance.traces.asking import AskedTag, Wanted
from tradewatch.projects.models import Project

# Each costs a look at every transaction. Of more thresholds the newest are read from histograms, which is said.
MOST_THRESHOLDS, MOST_TAGS = 50, 50  # of a project


def wanted_by(project_ids: Collection[int], now: datetime) -> dict[int, Wanted]:
    """Return {project id: what its measures want}, of the oldest ones where there are too many."""
    rows = in_force(now).filter(project__in=project_ids).filter(_WANTING)
    thresholds: defaultdict[int, dict[int, None]] = defaultdict(dict)
    tags: defaultdict[int, dict[AskedTag, None]] = defaultdict(dict)
    for project_id, definition in rows.order_by("pk").values_list("project_id", "definition"):
        with suppress(TypeError, ValueError, KeyError):  # a definition that is broken stops no digest
            if "threshold_seconds" in definition:
                thresholds[project_id][milliseconds_of(definition)] = None
            if "tag" in definition:
                tags[project_id][_asked_tag(definition)] = None
    return {
        project_id: Wanted(
            frozenset(list(thresholds[project_id])[:MOST_THRESHOLDS]), frozenset(list(tags[project_id])[:MOST_TAGS])
        )
        for project_id in {*thresholds, *tags}
    }


def tag_faults(definition: Definition, project: Project) -> Faults:
    """Refuse a tag past the bound: it would never be counted."""
    if not definition.get("tag"):
        return {}
    known = Measure.objects.filter(project=project, definition__has_key="tag").values_list("definition", flat=True)
    others = {_asked_tag(each) for each in known} - {_asked_tag(definition)}
    return {"tag": [f"at most {MOST_TAGS} are counted in a project"]} if len(others) >= MOST_TAGS else {}


def milliseconds_of(definition: Definition) -> int:
    return round(float(definition["threshold_seconds"]) * 1000)


_WANTING = Q(definition__has_key="tag") | Q(definition__has_key="threshold_seconds")


def _asked_tag(definition: Definition) -> AskedTag:
    return AskedTag(definition.get("transaction", ""), definition["tag"]["key"], definition["tag"]["value"])
