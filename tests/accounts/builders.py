"""People with second factors, and browsers that log in, for tests of accounts."""

import base64
import time
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_otp.oath import hotp

from tests.projects.builders import make_user
from tradewatch.accounts.codes import STEP_SECONDS, new_seed, recovery_digest
from tradewatch.accounts.models import Authenticator, RecoveryCode
from tradewatch.projects.choices import Role

RECOVERY = "aaaa-bbbb-cccc-dddd"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def code_of(seed: str, *, steps: int = 0, now: float | None = None) -> str:
    """Return what the app shows now, or `steps` codes later, as a phone computes it."""
    step = int(time.time() if now is None else now) // STEP_SECONDS + steps
    return f"{hotp(base64.b32decode(seed), step):06d}"


def make_verified_person(name: str = "ann", **fields: Any) -> tuple[User, str]:
    """Return a viewer with a confirmed second factor (and one recovery code, `RECOVERY`), and the factor's seed."""
    user = make_user(name, role=Role.VIEWER, **fields)
    return user, give_factor(user)


def give_factor(user: User) -> str:
    now, seed = timezone.now(), new_seed()
    made = Authenticator.objects.create(user=user, seed=seed, created_at=now, confirmed_at=now)
    RecoveryCode.objects.create(authenticator=made, digest=recovery_digest(RECOVERY))
    return seed


def give_password(client: Client, name: str = "ann", **more: Any) -> Any:
    return client.post("/admin/login/", {"username": name, "password": f"pass-of-{name}", **more})


def give_code(client: Client, code: str, **more: Any) -> Any:
    return client.post("/login/code", {"code": code}, **more)


def log_in(name: str = "ann", seed: str = "", agent: str = FIREFOX) -> Client:
    """Return a browser that has logged in, with the code of `seed` where there is one."""
    client = Client(headers={"user-agent": agent})
    give_password(client, name)
    if seed:
        give_code(client, code_of(seed))
    return client


def is_in(client: Client) -> bool:
    """Whether the browser is known everywhere; fails when the doors disagree."""
    statuses = [client.get(path).status_code == 200 for path in ("/error-dashboard.html", "/admin/", "/alerts/active")]
    assert len(set(statuses)) == 1, statuses
    return statuses[0]
