"""Whether TradeWatch itself works, line by line, with what is known: what nothing has shown yet is called unknown."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from alerts.choices import DeliveryState
from alerts.models import Notification
from tradewatch.core import pulse
from tradewatch.core.backup_state import OFF, WAITING, BackupState, backup_state
from tradewatch.core.backup_state import OK as GOOD
from tradewatch.dashboard import words
from tradewatch.dashboard.system.relay import relay_mark, relay_words
from tradewatch.inbox.queries import DigestState, backlog, digest_state
from tradewatch.ingest.relay.standing import Stand, shared_stand
from tradewatch.ingest.tallying import edge_between
from tradewatch.performance.readiness import check_database, run_check

LATE = timedelta(seconds=30)  # digesting takes a second
FEW_BYTES, FEW_RATIO = 2 << 30, 0.05
MAILS_LOOKED_AT = 20

OK, WARNING, CRITICAL, UNKNOWN = "ok", "warning", "critical", "none"
_WORST_FIRST = (CRITICAL, WARNING, UNKNOWN, OK)


@dataclass(frozen=True, slots=True)
class Indicator:
    """`state` names a mark of the kit: ok, warning, critical, none (unknown). `link`: where to look further."""

    name: str
    state: str
    text: str
    link: str = ""


def health(now: datetime) -> list[Indicator]:
    """Return the lines. A handful of indexed reads."""
    state = digest_state()
    oldest = backlog().oldest_received_at
    waited = None if oldest is None else timedelta(seconds=max(0.0, now.timestamp() - oldest))
    return [
        _database(),
        judge_inbox(state.pending, waited),
        judge_worker(state, waited, now=now),
        judge_clock(pulse.last_beat(), now=now),
        _mail(now),
        judge_disk(*_disk()),
        judge_edge(*_edge(now)),
        judge_dead(state.dead),
        *_upstream(now),
        judge_backup(backup_state(now)),
    ]


def worst_of(lines: list[Indicator]) -> str:
    return next((state for state in _WORST_FIRST if any(line.state == state for line in lines)), UNKNOWN)


def judge_inbox(pending: int, waited: timedelta | None) -> Indicator:
    """`waited`: how long the oldest has been there; None when nothing waits."""
    if waited is None:
        return Indicator("Inbox", OK, "nothing waits")
    text = f"{words.plural(pending, 'envelope')} waiting, the oldest {words.span(waited)}"
    return Indicator("Inbox", CRITICAL if waited > LATE * 10 else WARNING if waited > LATE else OK, text)


def judge_worker(state: DigestState, waited: timedelta | None, *, now: datetime) -> Indicator:
    """While nothing waits, a worker that is away cannot be told from one with nothing to do: the clock tells."""
    last = state.last_digested_at
    if waited is not None and waited > LATE:
        return Indicator("Worker", CRITICAL, f"has not digested for {words.span(waited)}: is it running?")
    if last is None:
        return Indicator("Worker", UNKNOWN, "has had nothing to digest yet")
    return Indicator("Worker", OK, f"digested last {words.span(now - last)} ago, {words.count(state.digested)} so far")


def judge_clock(last: datetime | None, *, now: datetime) -> Indicator:
    if last is None:
        return Indicator("Clock", UNKNOWN, "has not run yet")
    if not pulse.is_late(last, now=now):
        return Indicator("Clock", OK, f"ran {words.span(abs(now - last))} ago")
    when = f"{words.span(now - last)} ago" if last < now else f"{words.span(last - now)} in the future"
    return Indicator("Clock", CRITICAL, f"last ran {when}: rules, mails and clean-up wait for it")


def judge_disk(free_bytes: int, total_bytes: int) -> Indicator:
    text = f"{words.size(free_bytes)} free of {words.size(total_bytes)}"
    is_low = free_bytes < FEW_BYTES or free_bytes < total_bytes * FEW_RATIO
    return Indicator("Disk", CRITICAL if free_bytes < FEW_BYTES / 4 else WARNING if is_low else OK, text)


def judge_edge(accepted: int, refused: dict[int, int]) -> Indicator:
    """What all web processes took in the last hour.

    Refusals are no fault of ours (a revoked key, a quota), but somebody's events do not arrive.
    """
    if not accepted and not refused:
        return Indicator("Ingest", UNKNOWN, "no request in the last hour")
    text = f"{words.count(accepted)} taken in the last hour"
    if refused:
        by_status = ", ".join(f"{status}: {words.count(count)}" for status, count in sorted(refused.items()))
        text += f", {words.count(sum(refused.values()))} refused ({by_status})"
    broken = sum(count for status, count in refused.items() if status >= 500)
    return Indicator("Ingest", WARNING if broken else OK, text)


def judge_dead(dead: int) -> Indicator:
    if not dead:
        return Indicator("Dead letters", OK, "none")
    text = f"{words.plural(dead, 'envelope')} could not be read"
    return Indicator("Dead letters", WARNING, text, "/admin/inbox/deadletter/")


def judge_backup(found: BackupState) -> Indicator:
    state = {OFF: UNKNOWN, WAITING: UNKNOWN, GOOD: OK}.get(found.state, CRITICAL)
    return Indicator("Backup", state, found.text)


def judge_mail(host: str, folder: str, states: list[str], last_sent_at: datetime | None, *, now: datetime) -> Indicator:
    """`states` are those of the newest deliveries, newest first."""
    if not host:
        return Indicator("Mail", UNKNOWN, f"not set up: mails become files in {folder}")
    failed = sum(state == DeliveryState.FAILED for state in states)
    if failed:
        state = CRITICAL if states[0] == DeliveryState.FAILED else WARNING
        return Indicator("Mail", state, f"{failed} of the last {words.plural(len(states), 'delivery')} failed")
    if last_sent_at is None:
        return Indicator("Mail", UNKNOWN, "none has been sent yet")
    return Indicator("Mail", OK, f"last sent {words.span(now - last_sent_at)} ago")


def judge_upstream(stand: Stand) -> Indicator:
    state = relay_mark(stand)
    if state == OK and stand.dropped:
        state = WARNING
    lost = f", {words.plural(sum(stand.dropped.values()), 'envelope')} let go" if stand.dropped else ""
    return Indicator("Upstream Sentry", state, f"{relay_words(stand)}{lost}", "/system#relay")


def _upstream(now: datetime) -> list[Indicator]:
    """Nothing without one: most installations have none."""
    stand = shared_stand(now)
    return [judge_upstream(stand)] if stand.is_configured else []


def _mail(now: datetime) -> Indicator:
    newest = list(Notification.objects.order_by("-created_at").values_list("state", "sent_at")[:MAILS_LOOKED_AT])
    sent = [sent_at for _, sent_at in newest if sent_at is not None]
    states = [state for state, _ in newest]
    return judge_mail(settings.EMAIL_HOST, str(settings.EMAIL_FILE_PATH), states, max(sent, default=None), now=now)


def _database() -> Indicator:
    checked = run_check("database", check_database)
    kind = "PostgreSQL" if settings.IS_POSTGRES else "SQLite"
    took = words.seconds(checked["seconds"]) if checked["seconds"] >= 0.001 else "under 1 ms"
    text = f"{kind} {checked['detail']} in {took}"
    return Indicator("Database", OK if checked["status"] == "ok" else CRITICAL, text)


def _disk() -> tuple[int, int]:
    usage = shutil.disk_usage(settings.HOME)
    return usage.free, usage.total


def _edge(now: datetime) -> tuple[int, dict[int, int]]:
    end = int(now.timestamp()) // 60 * 60 + 60
    stats = edge_between(end - 3600, end)
    return stats.accepted, dict(stats.refused)
