"""Whether who asks may ask this at all; rights in a project are checked by `access` and the services."""

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from tradewatch.projects.access import covers
from tradewatch.projects.choices import Scope
from tradewatch.projects.models import ApiToken


class HasScope(BasePermission):
    """A token needs the view's `read_scope` or `write_scope`; a staff session is judged by its role in the project.

    A view that names no scope for a method refuses it. Without credentials REST framework answers 401, else 403.
    """

    message = "not allowed"

    def has_permission(self, request: Request, view: object) -> bool:
        scope: Scope | None = getattr(view, "read_scope" if request.method in SAFE_METHODS else "write_scope", None)
        if scope is None:  # REST framework answers 405 to a method that the view lacks, but asks here first
            return not hasattr(view, (request.method or "").lower()) and has_credentials(request)
        if isinstance(request.auth, ApiToken):
            self.message = f"the token needs the scope {scope}"
            return covers(request.auth.scopes, scope)
        return is_staff_session(request)


class HasCredentials(BasePermission):
    """Any token or staff session will do: for what tells nothing about a project."""

    def has_permission(self, request: Request, view: object) -> bool:
        return has_credentials(request)


def has_credentials(request: Request) -> bool:
    return isinstance(request.auth, ApiToken) or is_staff_session(request)


def is_staff_session(request: Request) -> bool:
    return bool(request.user.is_authenticated and request.user.is_active and request.user.is_staff)
