"""POST /alerts/test"""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.services.trials import send_test_alert
from tradewatch.projects.api import ApiView
from tradewatch.projects.choices import Scope


class TestRequest(serializers.Serializer[None]):
    channel = serializers.CharField(
        required=False, max_length=100, help_text="name or id; without one, everyone who would be told"
    )
    project = serializers.CharField(required=False, help_text="id or slug; else the token's only one, or `default`")


class TestDelivery(serializers.Serializer[None]):
    channel = serializers.CharField(help_text="the channel's name, or an address")
    kind = serializers.CharField()
    is_sent = serializers.BooleanField()
    answer = serializers.CharField(help_text="what the receiver said")


class TestAnswer(serializers.Serializer[None]):
    alert_id = serializers.IntegerField(help_text="of the alert that keeps the answers; it is born ended")
    deliveries = TestDelivery(many=True)


class Test(ApiView):
    write_scope = Scope.ALERTS_WRITE

    @extend_schema(
        summary="Send a test message and answer with what each receiver said",
        request=TestRequest,
        responses={202: TestAnswer},
    )
    def post(self, request: Request) -> Response:
        asked = TestRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        project = self.project_of(request, write=True)
        alert, deliveries = send_test_alert(
            self.actor_of(request), project, channel=asked.validated_data.get("channel"), now=timezone.now()
        )
        told = [
            {
                "channel": delivery.receiver.name,
                "kind": delivery.receiver.kind,
                "is_sent": delivery.outcome.is_sent,
                "answer": delivery.outcome.answer,
            }
            for delivery in deliveries
        ]
        return Response({"alert_id": alert.pk, "deliveries": told}, status=202)
