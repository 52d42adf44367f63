"""The OpenAPI document and its page; both need a login or a token."""

from typing import Any

from django.contrib.auth.mixins import UserPassesTestMixin
from django.views.generic import TemplateView
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView

from tradewatch.projects.api import ApiView
from tradewatch.projects.permissions import HasCredentials


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself when defined
    target_class = "tradewatch.projects.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself when defined
    target_class = "tradewatch.projects.authentication.StaffSession"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


@extend_schema(exclude=True)
class Schema(ApiView, SpectacularAPIView):
    permission_classes = [HasCredentials]


class Docs(UserPassesTestMixin, TemplateView):
    """Swagger's page from files of our own host: no inline script, which the content security policy refuses."""

    template_name = "projects/api_docs.html"

    def test_func(self) -> bool:
        return self.request.user.is_active and self.request.user.is_staff
