"""Small builders with loud defaults."""

from tradewatch.inbox.queue import Arrived


def make_arrived(
    body: bytes = b"{}\n",
    *,
    project_id: int = 1,
    received_at: float = 1_000.0,
    encoding: str = "identity",
    address: str = "192.0.2.7",
) -> Arrived:
    return Arrived(project_id, received_at, encoding, address, body)
