from axes.models import AccessAttempt
from django.db import transaction

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.projects import access
from tradewatch.projects.choices import Scope


@transaction.atomic
def unlock(actor: Actor, attempt: AccessAttempt) -> None:
    """Forget the failed logins of the attempt's name from its address, whatever browser they came from."""
    access.require_everywhere(actor, scope=Scope.ADMIN)
    audit.record(actor, "login.unlock", attempt)
    AccessAttempt.objects.filter(username=attempt.username, ip_address=attempt.ip_address).delete()
