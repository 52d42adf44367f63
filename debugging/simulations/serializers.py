"""Simulations as the API takes and shows them."""

from typing import Any

from rest_framework import serializers

from debugging.models import Simulation

STATES = ("pending", "done", "lost")


class SimulateRequest(serializers.Serializer[None]):
    changes = serializers.JSONField(
        required=False,
        help_text="message, type, level, environment, release, transaction, server_name, user, fingerprint, tags",
    )
    notify = serializers.BooleanField(default=False, help_text="people are told, in a text that begins [simulated]")


class SimulatedIssue(serializers.Serializer[None]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField()
    is_simulated = serializers.BooleanField(help_text="no real event has its fingerprint")


class SimulatedRule(serializers.Serializer[None]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField()
    fires = serializers.BooleanField()
    why = serializers.CharField(help_text="why it fires, or why it does not")


class SimulatedAlert(serializers.Serializer[None]):
    id = serializers.IntegerField()
    severity = serializers.CharField()
    url = serializers.CharField()


class SimulatedTelling(serializers.Serializer[None]):
    who = serializers.CharField(help_text="and how: `Mara Lind by e-mail`")
    step = serializers.IntegerField(help_text="of the escalation policy, from 1; 0: told by the route itself")
    after_seconds = serializers.IntegerField(help_text="since the alert opened")
    why = serializers.CharField()


class SimulatedRoute(serializers.Serializer[None]):
    path = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    first_message_after_seconds = serializers.IntegerField()
    told = SimulatedTelling(many=True, help_text="if nobody acknowledges")
    gaps = serializers.ListField(child=serializers.CharField(), help_text="whom a step does not reach")
    nobody = serializers.CharField(help_text="why nobody is told by the route itself; empty: somebody is")
    held_by = serializers.CharField(help_text="what holds it back now; empty: nothing does")


class SimulationAnswer(serializers.Serializer[Simulation]):
    """While it is pending, `issue` is null and the lists are empty: the session shows the result later."""

    event_id = serializers.CharField(help_text="32 hex digits")
    state = serializers.ChoiceField(STATES)
    changes = serializers.DictField()
    notify = serializers.BooleanField()
    requested_at = serializers.DateTimeField()
    requested_by = serializers.CharField()
    issue = SimulatedIssue(allow_null=True)
    matches_original = serializers.BooleanField(allow_null=True, help_text="it came to the session's own issue")
    rules = SimulatedRule(many=True)
    alert = SimulatedAlert(allow_null=True, help_text="that the rules opened; it is simulated and ends by itself")
    routes = SimulatedRoute(many=True)
    fault = serializers.CharField(help_text="empty, or why there is no result")

    def to_representation(self, instance: Simulation) -> dict[str, Any]:
        return simulation_as_json(instance)


class SimulationPage(serializers.Serializer[None]):
    results = SimulationAnswer(many=True)
    next = serializers.CharField(allow_null=True)


def simulation_as_json(row: Simulation) -> dict[str, Any]:
    """Return the shape of `SimulationAnswer`."""
    found = row.result or {}
    fault = found.get("fault", "")
    return {
        "event_id": row.event_id.hex,
        "state": "pending" if row.result is None else "lost" if fault else "done",
        "changes": row.changes,
        "notify": row.notify,
        "requested_at": row.requested_at.isoformat(),
        "requested_by": row.requested_by,
        "issue": found.get("issue"),
        "matches_original": found.get("matches_original"),
        "rules": found.get("rules", []),
        "alert": found.get("alert"),
        "routes": found.get("routes", []),
        "fault": fault,
    }
