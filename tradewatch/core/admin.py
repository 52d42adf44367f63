"""What every admin page of ours shares: bounded counting, read-only records, faults shown as messages."""

import contextlib
from collections.abc import Iterator
from functools import cached_property
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import PaginationInlineFormSet

from tradewatch.core.faults import Fault, NotAllowed

COUNTED_AT_MOST = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Counts to ten thousand and no further: a list over a million events opens as fast as one over a hundred."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Model]", self.object_list)
        return len(rows.order_by().values_list("pk", flat=True)[:COUNTED_AT_MOST])


class BoundedInlineFormSet(PaginationInlineFormSet):  # type: ignore[misc]  # unfold has no types
    """Pages of an inline over rows that grow with traffic. Unfold's own counts them all."""

    def get_page(self, paginator: Paginator, page: int) -> Page:  # type: ignore[type-arg]
        self.paginator = BoundedPaginator(paginator.object_list, paginator.per_page)
        return cast("Page", super().get_page(self.paginator, page))  # type: ignore[type-arg]


class ReadOnlyInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Rows that an object's page shows and nobody changes there; `fields` names what is shown."""

    extra = max_num = 0
    can_delete = False
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PlainAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200
    compressed_fields = True
    warn_unsaved_form = True


class RecordAdmin(PlainAdmin):
    """Rows that TradeWatch writes: people read them here, and change them only through actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        fields = [field.name for field in self.model._meta.fields]
        return [*fields, *(name for name in self.readonly_fields if name not in fields)]


class Script(str):
    """A native module for `Media.js`: small behaviour of one admin page, a file like any other script of ours."""

    __slots__ = ()

    def __html__(self) -> str:
        return format_html('<script src="{}" type="module"></script>', static(self))


def copy_button(text: str) -> SafeString:
    """Return a button that copies `text` (`static/projects/copy.js` on the page)."""
    return format_html('<button type="button" class="text-link cursor-pointer" data-copy-text="{}">Copy</button>', text)


def copyable(text: str) -> SafeString:
    return format_html('<code class="text-xs">{}</code> {}', text, copy_button(text))


@contextlib.contextmanager
def refusing(request: HttpRequest) -> Iterator[None]:
    """Answer 403 where a service finds that the person may not: the form should not have been there."""
    try:
        yield
    except NotAllowed as fault:
        raise PermissionDenied(fault.detail) from fault


@contextlib.contextmanager
def faults_as_messages(request: HttpRequest) -> Iterator[None]:
    """Show what a service refused to the person who asked."""
    try:
        yield
    except Fault as fault:
        texts = [fault.detail, *(f"{field}: {text}" for field, many in fault.errors.items() for text in many)]
        messages.error(request, " · ".join(texts))
