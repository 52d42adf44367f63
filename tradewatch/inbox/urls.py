from django.contrib import admin
from django.urls import path

from tradewatch.inbox.scrub_trial import try_scrubbing

urlpatterns = [
    path(
        "admin/projects/project/<int:project_id>/try-scrubbing/",
        admin.site.admin_view(try_scrubbing),
        name="try-scrubbing",
    ),
]
