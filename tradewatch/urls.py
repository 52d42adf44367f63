from django.contrib import admin
from django.urls import include, path

from tradewatch.core.routes import both
from tradewatch.projects.openapi import Docs, Schema

handler400 = "tradewatch.core.api.bad_request"
handler404 = "tradewatch.core.api.page_not_found"
handler500 = "tradewatch.core.api.server_error"

urlpatterns = [
    path("", include("tradewatch.accounts.urls")),
    path("", include("tradewatch.inbox.urls")),
    path("admin/", admin.site.urls),
    path("", include("tradewatch.dashboard.urls")),
    *both("api/schema", Schema.as_view(), "api-schema"),
    *both("api/docs", Docs.as_view(), "api-docs"),
    path("", include("tradewatch.errors.urls")),
    path("", include("tradewatch.performance.urls")),
    path("", include("alerts.urls")),
    path("", include("sla.urls")),
    path("", include("sla.reports.urls")),
    path("", include("releases.urls")),
    path("", include("debugging.urls")),
]
