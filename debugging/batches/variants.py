"""How a matrix is asked for: variants one by one, or axes whose product they are. Values in, values out."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from debugging.batches.axes import Axis, AxisFault, read_axis, shown
from debugging.requests.modifying import modified
from debugging.requests.patching import patched
from debugging.requests.shapes import WebRequest
from tradewatch.core.faults import Invalid

MOST_VARIANTS, LONGEST_TITLE, MOST_AXES = 200, 200, 6
Errors = dict[str, list[str]]
Modifications = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Variant:
    """`modifications` of the captured request, whole: what holds for all variants is in them."""

    title: str
    modifications: Modifications


def read_variants(
    request: WebRequest, *, variants: Any = None, axes: Any = None, modifications: Modifications | None = None
) -> list[Variant]:
    """Return the variants that were asked for, each of which can be made of `request`.

    `variants`: [{"title"?, "modifications"}]. `axes`: {place: [values]}, see `axes`. `modifications` hold for each.
    Raises `Invalid` by field: "variants.3.modifications.patch.0.path", "axes.body /account_id".
    """
    if (variants is None) == (axes is None):
        raise Invalid("bad matrix", errors={"variants": ["give either variants or axes"]})
    base = modifications or {}
    changed = modified(request, base)
    asked = _listed(variants) if axes is None else _multiplied(axes, changed)
    errors: Errors = {}
    found = [_combined(request, base, each, field, errors) for field, each in asked]
    if errors:
        raise Invalid("bad matrix", errors=errors)
    return found


def title_of(modifications: Modifications) -> str:
    """Return what modifications change, in a line: "method PUT, /account_id=acc-4, without X-Desk"."""
    return ", ".join(_words(modifications))[:LONGEST_TITLE] or "as captured"


def combined(request: WebRequest, base: Modifications, own: Modifications) -> Modifications:
    """Return what changes `request` as `own` does after `base`. Both can be applied."""
    found = {**base, **own}
    for name in ("query", "headers"):
        if base.get(name) and own.get(name):
            found[name] = {**base[name], **own[name]}
    if "body" in own:
        found.pop("patch", None)
    elif own.get("patch") and "body" in base:
        found["body"] = patched(base["body"], found.pop("patch"))
    elif own.get("patch") and base.get("patch"):
        found["patch"] = [*base["patch"], *own["patch"]]
    return found


def _combined(request: WebRequest, base: Modifications, each: Variant, field: str, errors: Errors) -> Variant:
    try:
        modified(modified(request, base), each.modifications)
        whole = combined(request, base, each.modifications)
    except Invalid as fault:
        errors |= {_field(field, name): texts for name, texts in fault.errors.items()}
        return each
    return Variant((each.title or title_of(each.modifications))[:LONGEST_TITLE], whole)


def _field(field: str, name: str) -> str:
    """A variant of axes has no field of its own: its axes' values are named."""
    return f"{field}.{name}" if field.startswith("variants") else field


def _listed(variants: Any) -> Iterator[tuple[str, Variant]]:
    if not isinstance(variants, list) or not variants:
        raise Invalid("bad matrix", errors={"variants": ["expected a list of {title, modifications}"]})
    _check_count(len(variants), "variants")
    for place, said in enumerate(variants):
        field = f"variants.{place}"
        if not isinstance(said, Mapping) or not isinstance(said.get("modifications", {}), Mapping):
            raise Invalid("bad matrix", errors={field: ["expected {title, modifications}"]})
        if unknown := [str(name) for name in said if name not in ("title", "modifications")]:
            raise Invalid("bad matrix", errors={f"{field}.{unknown[0]}": ["is not known"]})
        title = said.get("title", "")
        if not isinstance(title, str) or len(title) > LONGEST_TITLE:
            raise Invalid("bad matrix", errors={f"{field}.title": [f"expected at most {LONGEST_TITLE} characters"]})
        yield field, Variant(title.strip(), said.get("modifications", {}))


def _multiplied(axes: Any, request: WebRequest) -> Iterator[tuple[str, Variant]]:
    if not isinstance(axes, Mapping) or not axes or len(axes) > MOST_AXES:
        raise Invalid("bad matrix", errors={"axes": [f"expected an object of 1 to {MOST_AXES} places with values"]})
    read = [(place, _axis(place), _values(place, values)) for place, values in axes.items()]
    _check_count(math.prod(len(values) for _, _, values in read), "axes")
    for chosen in product(*([(place, axis, value) for value in values] for place, axis, values in read)):
        field = "axes." + ", ".join(place for place, _, _ in chosen)
        yield field, _variant(field, [(axis, value) for _, axis, value in chosen], request)


def _variant(field: str, chosen: Sequence[tuple[Axis, Any]], request: WebRequest) -> Variant:
    found: Modifications = {}
    try:
        for axis, value in chosen:
            found = combined(request, found, axis.modifications(value, request))
    except AxisFault as fault:
        raise Invalid("bad matrix", errors={field: [str(fault)]}) from None
    return Variant(", ".join(axis.title(value) for axis, value in chosen)[:LONGEST_TITLE], found)


def _axis(place: Any) -> Axis:
    try:
        return read_axis(str(place))
    except AxisFault as fault:
        raise Invalid("bad matrix", errors={f"axes.{place}": [str(fault)]}) from None


def _values(place: Any, values: Any) -> list[Any]:
    if not isinstance(values, list) or not values:
        raise Invalid("bad matrix", errors={f"axes.{place}": ["expected a list of values"]})
    return values


def _check_count(count: int, field: str) -> None:
    if count > MOST_VARIANTS:
        raise Invalid("too many", errors={field: [f"make {count:,} variants: at most {MOST_VARIANTS}"]})


def _words(modifications: Modifications) -> Iterator[str]:
    for name in ("method", "path"):
        if modifications.get(name) is not None:
            yield f"{name} {shown(modifications[name])}"
    for kind in ("query", "headers"):
        for name, value in (modifications.get(kind) or {}).items():
            yield Axis("query" if kind == "query" else "header", name).title(value)
    if "body" in modifications:
        yield "no body" if modifications["body"] is None else "another body"
    for said in modifications.get("patch") or []:
        name = said.get("path", "")
        yield (
            f"{said['op']} {name}={shown(said['value'], name.rpartition('/')[2])}"
            if "value" in said
            else (f"{said['op']} {name}")
        )
