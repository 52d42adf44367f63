"""What debugging takes of the database, above the lists of what it stores."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from debugging.storage import storage_of
from tradewatch.projects.access import visible_projects
from tradewatch.projects.scoped_admin import admin_actor


class StorageShown:
    list_before_template = "debugging/admin/storage.html"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        kinds = storage_of(list(visible_projects(admin_actor(request)).values_list("pk", flat=True)))
        context = {"storage": {"kinds": kinds, "bytes": sum(each.bytes for each in kinds)}, **(extra_context or {})}
        answer: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]  # an admin's
        return answer
