"""Every regular expression of the product that Python's own engine runs, how it is used, and texts made against it."""

import ast
import functools
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("tradewatch", "alerts", "sla", "releases", "debugging")
LOOKING = {"search", "sub", "subn", "findall", "finditer", "split"}  # they try again at each place of the text
ANCHORED = {"match", "fullmatch"}
_USE = re.compile(r"\.(?:search|subn?|find|split|match|fullmatch|compile)")
_OF_A_CATEGORY = {codes.CATEGORY_DIGIT: "0", codes.CATEGORY_SPACE: " ", codes.CATEGORY_WORD: "a"}


def compiled() -> dict[str, re.Pattern[Any]]:
    """Return {module and name: pattern} of all that modules keep."""
    found = {}
    for module in _modules():
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                found.setdefault((value.pattern, value.flags), (f"{module.__name__}.{name}", value))
    return dict(found.values())


def _modules() -> Iterator[Any]:
    for package in map(importlib.import_module, PACKAGES):
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not any(part in each.name for part in (".migrations", ".management", ".urls", ".settings")):
                yield importlib.import_module(each.name)


def uses() -> dict[str, set[str]]:
    """Return {a pattern's name: the methods that are called on it}. A private one has its module before its name."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in _trees():
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in LOOKING | ANCHORED:
                name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
                found[f"{module}.{name}" if name.startswith("_") else name].add(node.attr)
    return found


def methods_on(name: str, called: dict[str, set[str]]) -> set[str]:
    """Return how the pattern `module.name` is used; one of which nothing is seen might look at each place."""
    return called.get(name) or called.get(name.rpartition(".")[2]) or LOOKING


def made_of_values() -> list[str]:
    """Return the calls of `re` whose pattern is no literal, as `path:line`."""
    found = []
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _is_of_re(node.func) and not _is_literal(node.args[0]):
                found.append(f"{path}: {ast.unparse(node)[:80]}")
    return found


def _is_of_re(called: ast.expr) -> bool:
    return (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id == "re"
        and called.attr in LOOKING | ANCHORED | {"compile"}
    )


def _is_literal(node: ast.expr) -> bool:
    """Whether it is written in the source: a text, texts added, or names in capitals, which are such."""
    match node:
        case ast.Constant():
            return True
        case ast.BinOp(left, ast.Add(), right):
            return _is_literal(left) and _is_literal(right)
        case ast.Name(name):
            return name.isupper()
        case ast.JoinedStr(values):
            return all(_is_literal(each) for each in values)
        case ast.FormattedValue(value):
            return _is_literal(value)
    return False


@functools.cache
def _trees() -> list[tuple[str, ast.Module]]:
    """Return the sources that name `re` or a pattern's methods."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    texts = {path.relative_to(ROOT).as_posix(): path.read_text() for path in paths if "migrations" not in path.parts}
    return [(path, ast.parse(text)) for path, text in texts.items() if _USE.search(text)]


def texts_against(pattern: re.Pattern[Any], length: int) -> Iterator[Any]:
    """Yield long repetitions of what the pattern knows, each ending in what no pattern expects."""
    known = sorted(_letters(parser.parse(pattern.pattern, pattern.flags)))[:8]
    letters = list(dict.fromkeys([*known, "a", "0", " ", "-"]))
    pairs = [one + other for one in letters[:4] for other in letters[:4] if one != other]
    for unit in [*letters, *pairs]:
        text = unit * (length // len(unit)) + "\x01"
        yield text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")


def _letters(tree: Any) -> set[str]:
    found: set[str] = set()
    for code, value in tree:
        match value:
            case int() if code in (codes.LITERAL, codes.NOT_LITERAL, codes.CATEGORY):
                found.add(_OF_A_CATEGORY.get(value, "-") if code is codes.CATEGORY else chr(value))
            case (int(first), int()) if code is codes.RANGE:
                found.add(chr(first))
            case list() if code is codes.IN:
                found |= _letters(value)
            case _:
                for part in _parts(value):
                    found |= _letters(part)
    return found


def _parts(value: Any) -> Iterator[Any]:
    """Yield the trees within a node's value, however it nests them."""
    if isinstance(value, parser.SubPattern):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _parts(each)
