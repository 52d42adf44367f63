"""What holds alerts at a moment: silences, inhibitions, quiet hours, maintenance. Read once for many alerts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db.models import Q

from alerts.choices import SEVERITY_RANK, AlertSeverity
from alerts.engine.sources import sources_of
from alerts.matchers import Matcher, MatcherFault, all_match, parse_matchers
from alerts.models import Alert, Inhibition, MaintenanceWindow, QuietHours, Silence
from alerts.quiet_hours import quiet_now
from alerts.suppression import Inhibitor, Suppression, SuppressionKind, inhibited_by
from alerts.suppression.windows import window_end
from alerts.words import clock_words


@dataclass(frozen=True, slots=True)
class Holding:
    """A silence or a maintenance window that is on now. `project_id` None: for all."""

    kind: SuppressionKind
    project_id: int | None
    matchers: tuple[Matcher, ...]
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours that are on now."""

    name: str
    bypass: AlertSeverity
    until: datetime | None
    why: str = ""


@dataclass(frozen=True)
class Surroundings:
    """`suppressions_of` says what was so at one moment: it reads no more than the sources of an inhibition, once."""

    now: datetime
    holdings: Sequence[Holding] = ()
    inhibitors: Sequence[Inhibitor] = ()
    quiet: Mapping[int, Quiet] = field(default_factory=dict)

    @property
    def needs_labels(self) -> bool:
        return bool(self.holdings or self.inhibitors)

    def suppressions_of(self, alert: Alert, quiet_ids: Iterable[int] = ()) -> list[Suppression]:
        """Return everything that holds the alert in a group with these quiet hours; empty: it may be told."""
        found = self._snooze(alert)
        if self.needs_labels:
            labels = alert.labels
            found += self._held(alert, labels)
            by = inhibited_by(self.inhibitors, alert.pk, labels)
            if by is not None:
                inhibitor, source = by
                reason = f"Inhibited by {inhibitor.name}: ALERT-{source.id} {source.title} is open."
                found.append(Suppression(SuppressionKind.INHIBITED, reason))
        return found + self._quiet(AlertSeverity(alert.severity), quiet_ids)

    def _snooze(self, alert: Alert) -> list[Suppression]:
        if alert.snoozed_until is None or alert.snoozed_until <= self.now:
            return []
        reason = f"Snoozed by {alert.snoozed_by} until {clock_words(alert.snoozed_until, now=self.now)}."
        return [Suppression(SuppressionKind.SNOOZED, reason, alert.snoozed_until)]

    def _held(self, alert: Alert, labels: Mapping[str, str]) -> list[Suppression]:
        return [
            Suppression(holding.kind, holding.reason, holding.until)
            for holding in self.holdings
            if holding.project_id in (None, alert.project_id) and all_match(holding.matchers, labels)
        ]

    def _quiet(self, severity: AlertSeverity, quiet_ids: Iterable[int]) -> list[Suppression]:
        found = []
        for quiet_id in quiet_ids:
            quiet = self.quiet.get(quiet_id)
            if quiet is not None and SEVERITY_RANK[severity] < SEVERITY_RANK[quiet.bypass]:
                until = f" until {clock_words(quiet.until, now=self.now)}" if quiet.until else ""
                why = f" ({quiet.why})" if quiet.why else ""
                reason = f"Held by quiet hours {quiet.name}{why}{until}; {quiet.bypass} would pass."
                found.append(Suppression(SuppressionKind.QUIET_HOURS, reason, quiet.until))
        return found


def read_surroundings(now: datetime) -> Surroundings:
    return Surroundings(
        now=now,
        holdings=[*_silences(now), *_maintenance(now)],
        inhibitors=_inhibitors(),
        quiet={quiet.pk: on for quiet in QuietHours.objects.all() if (on := _quiet_now(quiet, now)) is not None},
    )


def held_words(suppressions: Sequence[Suppression]) -> tuple[str, datetime | None]:
    """Return the reasons in one text, and when the last of them ends by itself (None: one does not, or none holds)."""
    ends = [suppression.until for suppression in suppressions]
    until = max((end for end in ends if end is not None), default=None) if None not in ends else None
    return " ".join(suppression.reason for suppression in suppressions), until


def _silences(now: datetime) -> Iterable[Holding]:
    for silence in Silence.objects.filter(starts_at__lte=now, ends_at__gt=now).order_by("id"):
        matchers = _read(silence.matchers)
        if matchers:
            until = clock_words(silence.ends_at, now=now)
            reason = f"Silenced by {silence.created_by} until {until}: {silence.comment.rstrip('.')}."
            yield Holding(SuppressionKind.SILENCED, silence.project_id, matchers, reason, silence.ends_at)


def _maintenance(now: datetime) -> Iterable[Holding]:
    begun = MaintenanceWindow.objects.filter(Q(starts_at=None) | Q(starts_at__lte=now))
    for window in begun.filter(Q(ends_at=None) | Q(ends_at__gt=now)).order_by("id"):
        matchers = _read(window.matchers)
        until = window_end(window.windows, now=now) if window.windows else window.ends_at
        if matchers is None or until is None:
            continue
        until = min(until, window.ends_at) if window.ends_at else until
        reason = f"Maintenance {window.name} until {clock_words(until, now=now)}."
        yield Holding(SuppressionKind.MAINTENANCE, window.project_id, matchers, reason, until)


def _quiet_now(quiet: QuietHours, now: datetime) -> Quiet | None:
    state = quiet_now(quiet, now)
    return Quiet(quiet.name, AlertSeverity(quiet.bypass_severity), state.until, state.why) if state.is_held else None


def _inhibitors() -> list[Inhibitor]:
    found = []
    for rule in Inhibition.objects.filter(is_enabled=True).select_related("project").order_by("id"):
        source, target = _read(rule.source), _read(rule.target)
        if source and target:
            project = rule.project.slug if rule.project else ""
            found.append(Inhibitor(rule.name, source, target, tuple(rule.equal), project))
    for inhibitor in found:
        inhibitor.read = partial(sources_of, inhibitor)
    return found


def _read(text: str) -> tuple[Matcher, ...] | None:
    """Return the matchers, None where they cannot be read: a broken hand holds nothing back."""
    try:
        return parse_matchers(text)
    except MatcherFault:
        return None
