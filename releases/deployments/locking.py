"""One at a time decides what an environment runs."""

from tradewatch.projects.models import Project


def lock_environments(project_id: int) -> None:
    """Wait until no other transaction completes or takes back a deployment of the project; hold until this one ends.

    Of the project, as an environment need not have a row; no_key: rows that point at it may still be written. Whoever
    holds it may go on to lock deployments that succeeded, so that nobody waits for it who has locked one of those.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project_id)
