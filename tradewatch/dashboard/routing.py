"""The sockets of the pages; `processes.sockets` puts sessions and the origin check in front of them."""

from django.urls import path

from tradewatch.dashboard.consumers import LiveConsumer
from tradewatch.dashboard.logs.tail import LogsConsumer
from tradewatch.dashboard.topics import TopicsConsumer

websocket_urlpatterns = [
    path("ws/live/", LiveConsumer.as_asgi()),
    path("ws/logs/", LogsConsumer.as_asgi()),
    path("ws/topics/", TopicsConsumer.as_asgi()),
]
