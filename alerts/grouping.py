"""When a group speaks, and what it says: `decide(group, now)` is a message, a moment to look again, or the end.

Alertmanager's timing: the first message at group_wait after the group's first alert, later ones at each group_interval,
and only when there is news. Values in, values out; each decision has its reason in words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.choices import AlertSeverity
from alerts.words import counted, duration_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    wait: timedelta = timedelta(seconds=30)
    interval: timedelta = timedelta(minutes=5)
    repeat: timedelta = timedelta(hours=4)
    sends_resolved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An alert of a group, firing `since`. `held_by` says what suppresses it now (empty: nothing), `held_until` when
    that ends by itself; `was_held_by` what did since somebody was last told of it. `is_told`: some message said that it
    fires, and `told_as` how bad it called it; None: it fires again and nobody knows. `is_end_told`: that it ended.
    `stands_for`: how many alerts like this there are, `since` of the first, where words are all that is asked for.
    """

    id: int
    severity: AlertSeverity
    since: datetime
    is_open: bool = True
    is_acknowledged: bool = False
    held_by: str = ""
    held_until: datetime | None = None
    was_held_by: str = ""
    is_told: bool = False
    told_as: AlertSeverity | None = None
    is_end_told: bool = False
    stands_for: int = 1

    @property
    def fires(self) -> bool:
        """Whether somebody has to act on it now."""
        return self.is_open and not self.is_acknowledged and not self.held_by

    @property
    def is_fresh(self) -> bool:
        """Whether it fires and that is news: nobody heard of it, or not since it was held, acknowledged or raised."""
        is_news = not self.is_told or bool(self.was_held_by) or self.told_as is None
        return self.fires and (is_news or (self.is_critical and self.told_as != AlertSeverity.CRITICAL))

    @property
    def fires_again(self) -> bool:
        """Whether its acknowledgement was taken back since somebody was told."""
        return self.fires and self.is_told and self.told_as is None

    @property
    def is_critical(self) -> bool:
        return self.severity == AlertSeverity.CRITICAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`looked_at` is the last of the group's regular looks, None before the first message."""

    members: Sequence[Member]
    looked_at: datetime | None = None
    told_at: datetime | None = None

    @property
    def told_critical(self) -> bool:
        """Whether somebody knows of something critical here whose end nobody was told of."""
        return any(m.told_as == AlertSeverity.CRITICAL and not m.is_end_told for m in self.members)


@dataclass(frozen=True, slots=True)
class Tell:
    """Send a message: that it fires (`fresh` alerts are new in it), or that all that was told has ended."""

    ended: bool
    fresh: tuple[int, ...]
    ends: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Say nothing before `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    """Nothing is open and nobody is owed a word."""

    reason: str


Decision = Tell | Wait | Close


def decide(group: Group, timing: Timing, *, now: datetime) -> Decision:
    due_at = next_look(group, timing, now=now)
    owed = [member for member in group.members if member.is_told and not member.is_open and not member.is_end_told]
    if not any(member.is_open for member in group.members) and not owed:
        return Close(_silent_end(group))
    if due_at > now:
        return Wait(due_at, _why_wait(group, timing, due_at))
    fresh = [member for member in group.members if member.is_fresh]
    ends = tuple(member.id for member in owed)
    if fresh:
        return Tell(False, tuple(member.id for member in fresh), ends, _why_fresh(group, fresh, timing))
    heard = [member for member in group.members if member.is_told and member.is_open]
    if owed and not heard:
        return Tell(True, (), ends, f"All has ended: {counted(_number(owed), 'alert')}.")
    if owed and timing.sends_resolved:
        return Tell(False, (), ends, f"{_number(owed)} of {counted(_number(owed + heard), 'alert')} ended.")
    if _is_repeat_due(group, timing, now=now):
        return Tell(False, (), (), f"Still firing {duration_words(timing.repeat)} after the last message.")
    return Wait(_after(group, timing, now=now), _why_nothing(group))


def next_look(group: Group, timing: Timing, *, now: datetime) -> datetime:
    """Return when the group is due to be looked at: now or earlier when it is.

    Before the first message: group_wait after its first alert that nothing holds, at once for a critical one. Later:
    at the next group_interval, but at once for the first critical alert of a group that spoke of lesser ones only, and
    for one that fires again.
    """
    fresh = [member for member in group.members if member.is_fresh]
    if group.looked_at is None:
        if not fresh:
            return _release(group, now) or now
        return min(member.since + (timedelta(0) if member.is_critical else timing.wait) for member in fresh)
    is_urgent = not group.told_critical and any(member.is_critical for member in fresh)
    if is_urgent or any(member.fires_again for member in fresh):
        return now
    return group.looked_at + timing.interval


def _after(group: Group, timing: Timing, *, now: datetime) -> datetime:
    """The look after the one of `now`, on the group's own beat: a late look does not shift those that follow."""
    if group.looked_at is None:
        return _release(group, now) or now + timing.interval
    missed = max(0, (now - group.looked_at) // timing.interval)
    return group.looked_at + (missed + 1) * timing.interval


def _release(group: Group, now: datetime) -> datetime | None:
    """The first moment at which something that holds an untold alert ends by itself."""
    ends = [m.held_until for m in group.members if m.is_open and m.held_until is not None and m.held_until > now]
    return min(ends, default=None)


def _is_repeat_due(group: Group, timing: Timing, *, now: datetime) -> bool:
    fires = any(member.fires and member.is_told for member in group.members)
    return fires and group.told_at is not None and now >= group.told_at + timing.repeat


def _why_fresh(group: Group, fresh: Sequence[Member], timing: Timing) -> str:
    released = next((member.was_held_by for member in fresh if member.was_held_by), "")
    why = f" Told now because what held it is over: {released.rstrip('.')}." if released else ""
    new = [member for member in fresh if not member.is_told]
    if group.told_at is None:
        return _why_first(fresh, timing, released) + why
    again = _number(member for member in fresh if member.fires_again)
    risen = _number(m for m in fresh if m.is_told and m.told_as is not None and not m.was_held_by)
    parts = [
        f"{counted(_number(new), 'new alert')} joined the group" if new else "",
        f"{counted(again, 'alert')} fires again after the acknowledgement" if again else "",
        f"{counted(risen, 'alert')} became critical" if risen else "",
    ]
    return (", ".join(filter(None, parts)) or "It still fires") + f".{why}"


def _why_first(fresh: Sequence[Member], timing: Timing, released: str) -> str:
    if any(member.is_critical for member in fresh):
        return "First message, at once: it is critical."
    waited = "" if released else f", {duration_words(timing.wait)} after the first alert"
    return f"First message of the group{waited}: {counted(_number(fresh), 'alert')}."


def _number(members: Iterable[Member]) -> int:
    return sum(member.stands_for for member in members)


def _why_wait(group: Group, timing: Timing, until: datetime) -> str:
    if group.looked_at is not None:
        return f"Next look at {until:%H:%M:%S} UTC: once every {duration_words(timing.interval)}."
    if any(member.is_fresh for member in group.members):
        return f"First message at {until:%H:%M:%S} UTC: {duration_words(timing.wait)} after the first alert."
    return _why_nothing(group)


def _why_nothing(group: Group) -> str:
    held = next((member.held_by for member in group.members if member.is_open and member.held_by), "")
    if held:
        return f"No message: {held}"
    if all(member.is_acknowledged for member in group.members if member.is_open):
        return "No message: all of it is acknowledged."
    return "No message: nothing new since the last one."


def _silent_end(group: Group) -> str:
    if group.told_at is not None or any(member.is_told for member in group.members):
        return "Closed: all has ended, and whoever was told knows."
    return "Closed without a message: it came and went before anyone heard of it."
