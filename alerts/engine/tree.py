"""The routing tree as the table has it now."""

from alerts.matchers import MatcherFault, parse_matchers
from alerts.models import Route
from alerts.routing import Node, Settings, grow
from alerts.routing.tree import Row

NO_TREE = Node(id=0, name="No route", settings=Settings(mails_members=True))


def read_tree(*, instead: Route | None = None) -> Node:
    """Return the root. Without any route everything goes to the projects' people: nothing is lost by a bad hand.

    `instead` stands in the place of its stored row: the tree as it would be with the change.
    """
    stored = Route.objects.prefetch_related("quiet_hours", "channels").order_by("position", "id")
    routes = [instead if instead is not None and instead.pk == route.pk else route for route in stored]
    return grow(row for route in routes if route.is_enabled and (row := _row(route)) is not None) or NO_TREE


def _row(route: Route) -> Row | None:
    try:
        matchers = parse_matchers(route.matchers)
    except MatcherFault:  # written past the validation: it takes nothing, its parent does
        return None
    return Row(
        id=route.pk,
        parent_id=route.parent_id,
        position=route.position,
        name=route.name,
        matchers=matchers,
        goes_on=route.goes_on,
        settings=settings_of(route),
    )


def settings_of(route: Route) -> Settings:
    quiet = tuple(sorted(quiet.pk for quiet in route.quiet_hours.all()))
    channels = tuple(sorted(channel.pk for channel in route.channels.all()))
    return Settings(
        group_by=None if route.group_by is None else tuple(route.group_by),
        group_wait=route.group_wait_seconds,
        group_interval=route.group_interval_seconds,
        repeat_interval=route.repeat_interval_seconds,
        sends_resolved=route.sends_resolved,
        mails_members=route.mails_members,
        tells_nobody=route.tells_nobody,
        channel_ids=channels or None,
        policy_id=route.policy_id,
        quiet_window_ids=quiet or None,
        reminder_after=route.reminder_after_seconds,
        unacknowledge_after=route.unacknowledge_after_seconds,
        joins_companions=route.joins_companions,
    )
