"""What Celery's transport over Redis lacks: a worker that goes on after an acknowledgement was lost."""

from kombu.transport import redis


class FreeingQoS(redis.QoS):
    """Counts a message as done when Redis could not be told so.

    Else it takes up one of the few places of messages under way for good: where the connection breaks in that moment,
    a worker process of its own takes no other task until somebody starts it anew (seen with kombu 5.7). The message
    comes back after the visibility timeout: tasks may run twice, and most have expired by then.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types
        except Exception:  # whatever it was, Celery says it
            self._quick_ack(delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue=requeue)  # type: ignore[no-untyped-call]
        except Exception:
            self._quick_ack(delivery_tag)
            raise


def go_on_after_lost_acknowledgements() -> None:
    """Have all connections to Redis that are made from here on use it, whatever their scheme."""
    redis.Channel.QoS = FreeingQoS
