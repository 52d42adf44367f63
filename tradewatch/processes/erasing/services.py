"""Asking for an erasure: who may, what is asked, and the trail of it without the person's data."""

import hashlib
import hmac
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.processes.erasing.job import person_as_json
from tradewatch.processes.erasing.person import Person, names_nobody
from tradewatch.processes.erasing.running import stop
from tradewatch.processes.models import Erasure
from tradewatch.projects.access import require, require_everywhere
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

LONGEST = 320  # RFC 3696 gives an address that much
_SALT = b"erased persons:"


def ask_for_erasure(
    actor: Actor,
    *,
    user_id: str = "",
    email: str = "",
    project: Project | None,
    is_dry_run: bool,
    confirmed: str | None = None,
    now: datetime,
) -> Erasure:
    """Begin to erase a person, or to look for them; return the row that says how it goes.

    Needs a manager of the project, a superuser for all of them. `confirmed` is what a person typed once more; None:
    they were asked otherwise. One that is open for the same person and project is returned as it is.
    """
    user_id, email = user_id.strip(), email.strip()
    check_asked(actor, user_id=user_id, email=email, project=project, is_dry_run=is_dry_run, confirmed=confirmed)
    hashed = person_hash(user_id=user_id, email=email)
    with transaction.atomic():
        same = Erasure.objects.filter(person_hash=hashed, project=project, is_dry_run=is_dry_run)
        erasure = same.filter(state__in=(Erasure.State.WAITING, Erasure.State.RUNNING)).first()
        if erasure is not None:
            return erasure
        sought = orjson.dumps({"given": person_as_json(_person(user_id, email))}).decode()
        erasure = Erasure.objects.create(
            project=project,
            person_hash=hashed,
            sought=sought,
            is_dry_run=is_dry_run,
            asked_by=actor.label[:200],
            asked_at=now,
        )
        changes = {"person": [None, hashed], "only_looked": [None, is_dry_run]}
        audit.record(actor, "person.erase", erasure, project_id=erasure.project_id, changes=changes)
    return erasure


def check_asked(
    actor: Actor, *, user_id: str, email: str, project: Project | None, is_dry_run: bool, confirmed: str | None
) -> None:
    """Raise what `ask_for_erasure` would."""
    require_erasing(actor, project)
    _check(user_id, email)
    if confirmed is not None and not is_dry_run and confirmed.strip() != (user_id or email):
        raise Invalid("The confirmation differs.", errors={"confirmed": ["Type the same user id (else e-mail) again."]})


def stop_erasure(actor: Actor, erasure: Erasure, *, now: datetime) -> None:
    """End an erasure before it is done; what was erased stays so."""
    require_erasing(actor, erasure.project)
    with transaction.atomic():
        held = Erasure.objects.select_for_update().get(pk=erasure.pk)
        if not held.is_open:
            raise Conflict("It has ended already.")
        stop(held, state=Erasure.State.STOPPED, now=now)
        audit.record(actor, "person.erase_stopped", held, project_id=held.project_id)


def require_erasing(actor: Actor, project: Project | None) -> None:
    if project is None:
        require_everywhere(actor, scope=Scope.ADMIN)
    else:
        require(actor, project.pk, Role.MANAGER, scope=Scope.ADMIN)


def person_hash(*, user_id: str = "", email: str = "") -> str:
    """Return keyed hashes by which an erasure is found again by whoever knows the id or e-mail, and by nobody else."""
    given = (("id", user_id), ("e-mail", email.lower()))
    return ", ".join(f"{name} {_hash(name, value)}" for name, value in given if value)


def start_open_ones(now: datetime) -> int:
    """Start a process for each erasure that waits, or whose process was killed; return how many."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    waiting = Erasure.objects.filter(free, state__in=(Erasure.State.WAITING, Erasure.State.RUNNING))
    keys = list(
        waiting.order_by("pk").values_list("pk", flat=True)[:1]
    )  # one after the other: nothing here is in a hurry
    for key in keys:
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "erase_person", "--go-on", str(key)]
        subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    return len(keys)


def _person(user_id: str, email: str) -> Person:
    return Person.of(ids=[user_id] if user_id else [], emails=[email] if email else [])


def _check(user_id: str, email: str) -> None:
    faults = {}
    if not user_id and not email:
        faults["user_id"] = ["Name a user id or an e-mail."]
    if email and ("@" not in email or any(each.isspace() for each in email)):
        faults["email"] = ["This is no e-mail address."]
    faults |= {
        name: [f"At most {LONGEST} characters."]
        for name, value in (("user_id", user_id), ("email", email))
        if len(value) > LONGEST
    }
    if user_id and names_nobody(user_id):
        faults["user_id"] = ["This names nobody."]
    if faults:
        raise Invalid("That names nobody.", errors=faults)


def _hash(name: str, value: str) -> str:
    key = hashlib.sha256(_SALT + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, f"{name}:{value}".encode(), hashlib.sha256).hexdigest()[:32]
