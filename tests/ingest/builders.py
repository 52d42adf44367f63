"""Small builders with loud defaults."""

from typing import Any

from tradewatch.projects.config import ProjectConfig

KEY = "c0ffee00c0ffee00c0ffee00c0ffee00"
OTHER_KEY = "deadbeefdeadbeefdeadbeefdeadbeef"
AUTH = {"X-Sentry-Auth": f"Sentry sentry_key={KEY}, sentry_version=7, sentry_client=tests/1.0"}
ID = "9ec79c33ec9942ab8353589fcb2e04dc"
EVENT = b'{"event_id":"%s"}\n{"type":"event"}\n{"message":"order rejected"}\n' % ID.encode()


def make_project(project_id: int = 1, *, keys: set[str] = frozenset({KEY}), **fields: Any) -> ProjectConfig:
    defaults = {
        "slug": f"project-{project_id}",
        "keeps_ip_addresses": False,
        "scrub_fields": frozenset(),
        "quota_per_minute": None,
        "log_bytes_per_minute": None,
        "spike_limit_per_minute": None,
    }
    return ProjectConfig(id=project_id, keys=frozenset(keys), **{**defaults, **fields})
