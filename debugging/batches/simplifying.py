"""What makes a request simpler in one step. One that fails, and after none of its steps does, is 1-minimal."""

from typing import Any

from debugging.batches.trees import BODY, HEADERS, QUERY, Path, Tree, nodes, removable, replaced, without

GONE = object()
Step = tuple[Path, Any]  # where, and what it becomes


def simpler(value: Any) -> list[Any]:
    """Return what a JSON value may become, the simplest first; after null comes nothing."""
    match value:
        case None:
            return []
        case bool():
            return [None, False] if value else [None]
        case int() | float():
            return [None, *_simpler_number(value)]
        case str():
            return [None, *simpler_text(value)]
    return [None]


def simpler_text(text: str) -> list[str]:
    """Return shorter texts: none of it, either half, all but the last or first character."""
    half = len(text) // 2
    found = ["", text[:half], text[half:], text[:-1], text[1:]] if text else []
    return [each for each in dict.fromkeys(found) if each != text]


def steps(tree: Tree) -> list[Step]:
    """Return what can be taken away, and then what each value may become."""
    inside = list(nodes(tree[BODY], (BODY,)))
    gone = [*removable(tree, HEADERS, 1), *removable(tree, QUERY, 1), *(path for path, _ in inside)]
    found: list[Step] = [(path, GONE) for path in gone]
    for place, (_, value) in enumerate(tree[QUERY]):
        found += [((QUERY, place, 1), text) for text in simpler_text(value)]
    for path, value in [((BODY,), tree[BODY]), *inside]:
        found += [(path, new) for new in simpler(value)]
    return found


def taken(tree: Tree, step: Step) -> Tree:
    """Return the tree after a step."""
    path, new = step
    return without(tree, {path}) if new is GONE else replaced(tree, path, new)


def _simpler_number(value: float) -> list[int]:
    """0, 1, the whole part, half of it: each simpler than `value`, towards 0."""
    whole = int(value)
    half = whole // 2 if whole >= 0 else -(-whole // 2)
    found = [0, *([1] if value not in (0, 1) else []), *([whole] if whole != value else []), half]
    return [each for each in dict.fromkeys(found) if each != value and abs(each) <= max(abs(value), 1)]
