"""Walks over every route of the URL table and every class of the admin, with the ids of one side's rows."""

import functools
import inspect
import re
import sys
import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from tests.core.test_public_routes import ROUTES, VIEWS
from tests.hostile.rows import Side

# Neither says nor does anything of a project: left out, so that a walk does not log itself out halfway.
LEFT_OUT = ("admin/logout", "admin/jsi18n", "account/password", "account/sessions", "login/")
_WORD = re.compile(r"<slug:(action|form|kind|key)>")
_SLUG = re.compile(r"[a-z][a-z0-9_-]{1,40}")


def paths(side: Side, *, named_only: bool = False) -> Iterator[str]:
    """Yield every route with the ids of `side` in it. `named_only`: only those that name an object."""
    for route in ROUTES:
        if is_walked(route) and (not named_only or "<" in route or "(?P" in route):
            yield from paths_of(route, side)


def is_walked(route: str) -> bool:
    """Return whether it says or does something of a project; of one with and without a slash at its end, the plain."""
    is_twin = route.endswith("/") and VIEWS.get(route.removesuffix("/")) is VIEWS[route]
    return not is_twin and not route.startswith(LEFT_OUT)


def paths_of(route: str, side: Side) -> Iterator[str]:
    """Yield the route's paths to what belongs to `side`: more than one where a part of it names an action."""
    plain = re.sub(r"<(int|path):\w+>", str(side.number), route)
    plain = re.sub(r"<hexid:\w+>", side.hex, plain)
    plain = re.sub(r"<uuid:\w+>", str(uuid.UUID(side.hex)), plain)
    plain = re.sub(r"\(\?P<\w+>[^()]*\)", str(side.number), plain)
    plain = re.sub(r"<(\w+:)?(version|metric_name|project\w*|slug)>", side.word, plain)
    plain = "/" + re.sub(r"[\^$\\?]", "", plain)
    if _WORD.search(plain) and not hasattr(VIEWS[route], "view_class"):  # an endpoint's key is an id
        words = words_of(VIEWS[route]) or action_words()
        yield from (_WORD.sub(word, plain) for word in sorted(words))
    yield re.sub(r"<(\w+:)?\w+>", str(side.number), plain)


def words_of(view: Any) -> set[str]:
    """Return what the tables of a view's own module call an action."""
    module = sys.modules[inspect.unwrap(getattr(view, "view_class", view)).__module__]
    return {word for table in _tables(module) for word in table}


def _tables(module: Any) -> Iterator[dict[str, Any]]:
    for table in vars(module).values():
        if isinstance(table, dict) and all(isinstance(key, str) and _SLUG.fullmatch(key) for key in table):
            yield table


@functools.cache
def action_words() -> frozenset[str]:
    """Return whatever the tables of our views and endpoints call an action, so that a new one is walked too."""
    ours = re.compile(r"(tradewatch|alerts|releases|sla|debugging)\..*(view|api|action)")
    modules = [module for name, module in list(sys.modules.items()) if ours.match(name)]
    return frozenset(word for module in modules for table in _tables(module) for word in table)


def admin_posts(client: Client, side: Side) -> Iterator[Any]:
    """Yield the answers to every write that the admin's classes know: each form, deletion, action and editable list."""
    for model, model_admin in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = side.rows.get(model)
        key = row.pk if row is not None else side.number
        form = form_of(row) if row is not None else {}
        yield client.post(reverse(f"{name}_add"), {**form, "project": side.project.pk, "id": ""})
        yield client.post(reverse(f"{name}_change", args=[key]), form)
        yield client.post(reverse(f"{name}_delete", args=[key]), {"post": "yes"})
        yield from _actions(client, reverse(f"{name}_changelist"), model_admin, key, form)


def _actions(client: Client, url: str, model_admin: Any, key: Any, form: dict[str, Any]) -> Iterator[Any]:
    names = [each if isinstance(each, str) else each.__name__ for each in model_admin.actions or ()]
    for action in [*names, "delete_selected"]:
        chosen = {"action": action, "_selected_action": [key], "post": "yes", "index": 0, "apply": "1"}
        yield client.post(url, {**form, **chosen})
    rows = {f"form-0-{name}": value for name, value in form.items()}
    counts = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": key, "_save": "Save"}
    yield client.post(url, {**rows, **counts})


def form_of(row: Any) -> dict[str, Any]:
    """Return fields as a form would post them, each changed a little."""
    fields: dict[str, Any] = {}
    for name, value in model_to_dict(row).items():
        match value:
            case bool():
                fields |= {} if value else {name: "on"}
            case str():
                fields[name] = value + "x"
            case int() | float():
                fields[name] = value
            case list():
                fields[name] = [each.pk for each in value if hasattr(each, "pk")]
    for inline in ("memberships", "keys"):
        fields |= {f"{inline}-TOTAL_FORMS": 0, f"{inline}-INITIAL_FORMS": 0}
    return fields


def every_write(client: Client, path: str, side: Side) -> Iterator[Any]:
    """Yield the answers of `path` to each method that writes, with a form and with JSON."""
    said = {
        **dict.fromkeys(("title", "name", "note", "message", "text", "reason", "label"), "written by the walk"),
        **dict.fromkeys(("project", "project_id"), side.project.pk),
        **dict.fromkeys(("ids", "issue", "issues", "into", "alert", "selected", "user", "assignee"), side.number),
        "state": "resolved",
        "category": "risk",
        "confirm": "yes",
    }
    yield client.post(path, said)
    if path.startswith("/admin/"):
        return  # takes GET and POST alone; its forms and actions are walked by `admin_posts`
    if any(path.rstrip("/").endswith(f"/{word}") for word in action_words()):
        yield client.post(path, said, content_type="application/json")
        return
    for method in (client.post, client.put, client.patch, client.delete):
        yield method(path, said, content_type="application/json")
    as_list = {**said, "ids": [side.number], "issues": [side.number]}
    yield client.post(path, as_list, content_type="application/json")


def request_of(user: Any) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    return request
