import secrets
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.config import forget_configs
from tradewatch.projects.creation import give_what_new_projects_get
from tradewatch.projects.models import Project, ProjectKey
from tradewatch.projects.retention import DAYS
from tradewatch.projects.rules import fault_in_scrub_fields, faults_in_retention


def create_project(actor: Actor, *, name: str, slug: str = "") -> Project:
    """Create a project with its first DSN key. The slug comes from the name unless given.

    Raises `NotAllowed`, `Invalid` (no usable name or slug), `Conflict` (slug taken).
    """
    access.require_everywhere(actor, scope=Scope.ADMIN)
    slug = slug or slugify(name)[:60]
    _check_names(name, slug)
    try:
        with transaction.atomic():
            project = Project.objects.create(name=name, slug=slug)
            audit.record(actor, "project.create", project, project_id=project.pk, changes={"slug": [None, slug]})
            _add_key(actor, project, "default")
            give_what_new_projects_get(project)
    except IntegrityError:
        raise Conflict("a project with this slug exists", errors={"slug": ["is taken"]}) from None
    forget_configs()
    return project


@transaction.atomic
def update_project(actor: Actor, project: Project, *, fields: Sequence[str]) -> Project:
    """Save the named `fields` of `project` (name and settings; the slug stands in URLs and stays).

    Raises `NotAllowed`, and `Invalid` for a bad name, bad scrub fields, or days that no one keeps things for.
    """
    access.require(actor, project.pk, Role.MANAGER, scope=Scope.ADMIN)
    _check_names(project.name, project.slug)
    if fault := fault_in_scrub_fields(project.scrub_fields):
        raise Invalid("bad project", errors={"scrub_fields": [fault]})
    if faults := faults_in_retention({name: getattr(project, name) for name in DAYS}, project.event_budget_mb):
        raise Invalid("bad project", errors={name: [text] for name, text in faults.items()})
    if fields:
        before = Project.objects.filter(pk=project.pk).values(*fields).get()
        project.save(update_fields=fields)
        changes = {name: [before[name], getattr(project, name)] for name in fields}
        audit.record(actor, "project.change", project, project_id=project.pk, changes=changes)
        transaction.on_commit(forget_configs)
    return project


@transaction.atomic
def create_key(actor: Actor, project: Project, *, label: str) -> ProjectKey:
    """Create a further DSN key, e.g. to replace one that leaked."""
    access.require(actor, project.pk, Role.MANAGER, scope=Scope.ADMIN)
    key = _add_key(actor, project, label)
    forget_configs()
    return key


@transaction.atomic
def label_key(actor: Actor, key: ProjectKey, *, label: str) -> ProjectKey:
    """Name what the key is used for."""
    access.require(actor, key.project_id, Role.MANAGER, scope=Scope.ADMIN)
    before = ProjectKey.objects.values_list("label", flat=True).get(pk=key.pk)
    key.label = label[:100]
    if key.label != before:
        key.save(update_fields=["label"])
        audit.record(actor, "key.label", key, project_id=key.project_id, changes={"label": [before, key.label]})
    return key


@transaction.atomic
def revoke_key(actor: Actor, key: ProjectKey) -> ProjectKey:
    """Refuse the key from now on (the edge knows within 2 s). Again: unchanged."""
    access.require(actor, key.project_id, Role.MANAGER, scope=Scope.ADMIN)
    now = timezone.now()
    if ProjectKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        audit.record(actor, "key.revoke", key, project_id=key.project_id, changes={"revoked_at": [None, now]})
    key.refresh_from_db(fields=["revoked_at"])
    forget_configs()
    return key


def _add_key(actor: Actor, project: Project, label: str) -> ProjectKey:
    key = ProjectKey.objects.create(project=project, public_key=secrets.token_hex(16), label=label[:100])
    audit.record(actor, "key.create", key, project_id=project.pk)
    return key


def _check_names(name: str, slug: str) -> None:
    if not name.strip() or len(name) > 100:
        raise Invalid("bad project", errors={"name": ["1 to 100 characters"]})
    if not slug or slug != slugify(slug) or len(slug) > 60 or slug.isdigit():
        # Digits alone would be taken for an id wherever a project is named by either.
        raise Invalid("bad project", errors={"slug": ["up to 60 of a-z, 0-9, - and _, not digits alone"]})
