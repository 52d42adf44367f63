"""What an erasure cannot reach, in words, with figures where TradeWatch knows them."""

from pathlib import Path

from django.conf import settings
from django.db.models import Exists, OuterRef

from alerts.models import Notification
from tradewatch.errors.models import Event
from tradewatch.inbox.models import KeptItem
from tradewatch.ingest.models import RelayUpstream
from tradewatch.processes.backup.rotation import made_at
from tradewatch.processes.erasing.columns import MAILS, Walk, walks
from tradewatch.processes.erasing.declared import KEPT
from tradewatch.processes.erasing.job import Found


def unreached(found: Found, *, project_id: int | None) -> list[str]:
    """Return a sentence for each thing that may still hold the person."""
    return [
        *_of_no_project(project_id),
        *_relayed(project_id),
        *_told(found),
        *_without_event(project_id),
        *_backups(),
        *_always(),
    ]


def _of_no_project(project_id: int | None) -> list[str]:
    if project_id is None:
        return []
    inside = {walk.label for walk in walks(project_id)} - {MAILS}
    left = [walk.label for walk in walks(None) if walk.label not in inside and _is_changed(walk)]
    return [
        "Of no project: this erasure was limited to one, and what belongs to none was not looked at: rules and "
        f"settings for all projects, and {', '.join(left)}. An erasure in all projects reaches it."
    ]


def _is_changed(walk: Walk) -> bool:
    """Tell whether an erasure changes anything there: what is only told is told of staff."""
    return walk.label == MAILS or not KEPT.issuperset(walk.fields.values())


def _relayed(project_id: int | None) -> list[str]:
    upstreams = RelayUpstream.objects.exclude(sent={})
    if project_id is not None:
        upstreams = upstreams.filter(pk__in=(0, project_id))
    return [
        f"Relayed: {sum(each.sent.values()):,} entries were sent to {each}, the last at "
        f"{each.last_sent_at:%Y-%m-%d %H:%M} UTC. Ask whoever runs it to erase the person there."
        for each in upstreams
    ]


def _told(found: Found) -> list[str]:
    alerts = sum(count for key, count in found.changed.items() if key.startswith("alerts.Alert|"))
    if not alerts:
        return []
    sent = Notification.objects.exclude(sent_at=None).count()
    return [
        f"Told: {alerts:,} alerts named the person. Mails and messages about them lie with those who got them "
        f"(of {sent:,} notifications that were sent in all; each alert's page lists its own)."
    ]


def _without_event(project_id: int | None) -> list[str]:
    its_event = Event.objects.filter(project=OuterRef("project"), event_id=OuterRef("event_id"))
    files = KeptItem.objects.filter(~Exists(its_event), item_type="attachment")
    count = (files if project_id is None else files.filter(project=project_id)).count()
    if not count:
        return []
    return [
        f"Attachments: {count:,} lie here without an error event (it was only counted, as above a spike limit, or they "
        "came with something else). Whose they are is not known: one that does not hold the name stays until its days "
        "are over."
    ]


def _backups() -> list[str]:
    folder = settings.BACKUP_FOLDER
    if folder is None or not Path(folder).is_dir():
        return ["Backups: none are scheduled here. One that was written by hand holds what it held."]
    moments = sorted(at for path in Path(folder).iterdir() if (at := made_at(path.name)))
    if not moments:
        return ["Backups: the folder holds none. One that was written by hand elsewhere holds what it held."]
    listed = ", ".join(f"{at:%Y-%m-%d %H:%M}" for at in moments)
    return [
        f"Backups: {len(moments)} in {folder}, made {listed} (UTC), were not changed. Delete them, or "
        "erase the person again "
        "after one is restored; the rotation deletes them in time. One written elsewhere by hand holds what it held."
    ]


def _always() -> list[str]:
    return [
        "Staff: accounts, the names of those who did something here, their logins and the audit trail are not touched. "
        "They are kept because they show who changed what, and go with the account or after their own retention.",
        "Kept SLA reports and closed periods may never change; whether one names the person stands under `kept`.",
        "Approximate numbers of users (those with ≈) stay: they are made of hashes of which none can be read back.",
        "The database's own log and free pages hold old bytes until they are written over (SQLite: zeros are "
        "written over them at once, the log at its next checkpoint; PostgreSQL: "
        "VACUUM, and archived WAL by its own retention).",
        "What an application sends about the person after this is stored again.",
    ]
