from typing import Any

from django.http import HttpRequest

from alerts.services.silencing import look_at_all_groups


class HoldingMixin:
    """A change of what holds messages back lets the open groups look at once."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)  # type: ignore[misc]
        look_at_all_groups(obj.project_id)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        project_id = obj.project_id
        super().delete_model(request, obj)  # type: ignore[misc]
        look_at_all_groups(project_id)
