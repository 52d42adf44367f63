from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F

from tradewatch.accounts.codes import matching_step, new_recovery_codes, new_seed, recovery_digest, wait_after
from tradewatch.accounts.models import Authenticator, RecoveryCode
from tradewatch.accounts.services.passwords import confirm_password
from tradewatch.accounts.services.rights import require_self_or_superuser
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid


@transaction.atomic
def start_enrolment(actor: Actor, user: User, *, now: datetime) -> Authenticator:
    """Give `user` a fresh seed that counts once a code confirms it. Raises `Conflict` when one is confirmed."""
    require_self_or_superuser(actor, user.pk)
    if Authenticator.objects.filter(user=user).exclude(confirmed_at=None).exists():
        raise Conflict("a second factor is set up already")
    authenticator, _ = Authenticator.objects.update_or_create(
        user=user, defaults={"seed": new_seed(), "created_at": now, "failures": 0, "last_step": -1}
    )
    return authenticator


def confirm_authenticator(actor: Actor, user: User, code: str, *, now: datetime) -> list[str]:
    """Let the factor count from now on; return its recovery codes, which nobody can read again.

    Raises `Conflict` without an enrolment under way, `Invalid` (code).
    """
    require_self_or_superuser(actor, user.pk)
    if not Authenticator.objects.filter(user=user, confirmed_at=None).exists():
        raise Conflict("there is no second factor to confirm")
    _spend_code(user, code, now=now, takes_recovery=False)
    with transaction.atomic():
        authenticator = Authenticator.objects.select_for_update().get(user=user)
        authenticator.confirmed_at = now
        authenticator.save(update_fields=["confirmed_at"])
        audit.record(actor, "second_factor.enable", authenticator)
        return _new_codes(authenticator)


def check_code(user: User, code: str, *, now: datetime) -> Authenticator:
    """Take a code, of the app or for recovery, and spend it. Raises `Invalid` (code), so after too many too."""
    return _spend_code(user, code, now=now, takes_recovery=True)


def disable_authenticator(actor: Actor, user: User, *, password: str, code: str, now: datetime) -> None:
    """Take the second factor away, for whoever knows the password and has a code. Raises `Invalid` (password, code)."""
    require_self_or_superuser(actor, user.pk)
    if (waiting := Authenticator.objects.filter(user=user).first()) is not None:
        _refuse_while_waiting(waiting, now=now)  # first, so that the wait does not tell whether the password was right
    confirm_password(user, password)
    authenticator = check_code(user, code, now=now)
    _remove(actor, authenticator, "second_factor.disable")


def renew_recovery_codes(actor: Actor, user: User, code: str, *, now: datetime) -> list[str]:
    """Return ten new recovery codes; the old ones end. Raises `Invalid` (code)."""
    require_self_or_superuser(actor, user.pk)
    authenticator = check_code(user, code, now=now)
    with transaction.atomic():
        audit.record(actor, "second_factor.renew_codes", authenticator)
        return _new_codes(authenticator)


def reset_authenticator(actor: Actor, authenticator: Authenticator) -> None:
    """Take away the second factor of somebody who lost it: a superuser's word stands for the code."""
    require_self_or_superuser(actor, -1)
    _remove(actor, authenticator, "second_factor.reset")


@transaction.atomic
def _remove(actor: Actor, authenticator: Authenticator, action: str) -> None:
    audit.record(actor, action, authenticator, changes={"enabled": [True, False]})
    authenticator.delete()


def _spend_code(user: User, code: str, *, now: datetime, takes_recovery: bool) -> Authenticator:
    """Take the code under a lock on its row, so that it opens one door only. A refusal is counted for good."""
    with transaction.atomic():
        authenticator = Authenticator.objects.select_for_update().filter(user=user).first()
        if authenticator is None:
            raise Conflict("no second factor is set up")
        _refuse_while_waiting(authenticator, now=now)
        step = matching_step(authenticator.seed, code, now=now, after_step=authenticator.last_step)
        taken = step is not None or (takes_recovery and _spend_recovery(authenticator, code, now=now))
        if taken:
            authenticator.last_step = authenticator.last_step if step is None else step
            authenticator.failures, authenticator.last_used_at = 0, now
            authenticator.save(update_fields=["last_step", "failures", "last_used_at"])
    if not taken:
        _fail(user, now=now)
        raise Invalid(
            "wrong code", errors={"code": ["is wrong, was used already or is too old: take the one shown now"]}
        )
    return authenticator


def _refuse_while_waiting(authenticator: Authenticator, *, now: datetime) -> None:
    if authenticator.last_failed_at is None:
        return
    left = authenticator.last_failed_at + wait_after(authenticator.failures) - now
    if left.total_seconds() > 0:
        seconds = int(left.total_seconds()) + 1
        words = f"{seconds} s" if seconds < 120 else f"{-(-seconds // 60)} min"
        raise Invalid(
            "too many wrong codes", errors={"code": [f"too many were wrong: the next is looked at in {words}"]}
        )


def _fail(user: User, *, now: datetime) -> None:
    Authenticator.objects.filter(user=user).update(failures=F("failures") + 1, last_failed_at=now)


def _spend_recovery(authenticator: Authenticator, code: str, *, now: datetime) -> bool:
    unused = RecoveryCode.objects.filter(authenticator=authenticator, digest=recovery_digest(code), used_at=None)
    return bool(unused.update(used_at=now))


def _new_codes(authenticator: Authenticator) -> list[str]:
    codes = new_recovery_codes()
    authenticator.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(authenticator=authenticator, digest=recovery_digest(code)) for code in codes
    )
    return codes
