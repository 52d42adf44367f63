"""A channel's own words: Jinja templates for title and text, in a sandbox that can neither reach out nor run long.

What may stand in one: values, `if`, `for`, tests, and the filters in `FILTERS`. No assignment, macro, include, call or
multiplication: with them 4,000 characters could ask for gigabytes. Loops are counted while they run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alerts.channels.message import Message

TEMPLATE_CHARACTERS = 4_000
OUTPUT_CHARACTERS = 20_000
TITLE_CHARACTERS = 200
ROUNDS = 5_000  # of all loops together
FILTERS = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "int", "items", "join", "last",
    "length", "lower", "round", "sort", "title", "trim", "truncate", "unique", "upper", "wordcount",
)  # fmt: skip
_ALLOWED = (
    nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test,
    nodes.If, nodes.For, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr, nodes.Concat,
    nodes.Slice, nodes.Keyword, nodes.Neg, nodes.Pos, nodes.List, nodes.Tuple, nodes.Sub, nodes.Div, nodes.Template,
)  # fmt: skip
_TICK = "_tick"


@dataclass(frozen=True, slots=True)
class Words:
    """Templates of a channel; an empty one leaves the usual words."""

    title: str = ""
    text: str = ""


class TemplateFault(Exception):
    """The template cannot be used; the text says where and why."""


def apply_words(message: Message, words: Words | None) -> tuple[Message, str]:
    """Return the message in the channel's words, and what was wrong with them: then the message is unchanged."""
    if words is None or not (words.title or words.text):
        return message, ""
    try:
        title = render(words.title, message).strip() if words.title else ""
        text = render(words.text, message) if words.text else ""
    except TemplateFault as fault:
        return message, f"its template failed: {fault}"
    return replace(message, headline=" ".join(title.split())[:TITLE_CHARACTERS] or message.headline, text=text), ""


def render(source: str, message: Message) -> str:
    """Return what the template makes of `message`. Raises `TemplateFault`, with the line where it is known."""
    clock = _Rounds()
    try:
        template = _compiled(source)
        return "".join(_bounded(template.generate(**values_of(message), **{_TICK: clock.tick})))
    except TemplateFault:
        raise
    except TemplateSyntaxError as error:
        raise TemplateFault(f"line {error.lineno}: {error.message}") from error
    except TemplateError as error:
        raise TemplateFault(_where(error) + str(error.message)) from error
    except Exception as error:  # what values make of filters and operators: division by zero, a text plus a number
        raise TemplateFault(_where(error) + f"{type(error).__name__}: {error}"[:200]) from error


def values_of(message: Message) -> dict[str, Any]:
    """Return the names that a template may use, as docs/channels.md lists them."""
    values = {**asdict(message), "place": message.place, "alerts": [asdict(alert) for alert in message.alerts]}
    values["alert"] = values["alerts"][0] if values["alerts"] else {}
    return values


def fault_in_template(source: str, samples: Mapping[str, Message]) -> str:
    """Return why the template cannot be saved, or "". It is tried on each of `samples`, {what: message}."""
    for what, message in samples.items():
        try:
            render(source, message)
        except TemplateFault as fault:
            return f"{fault} (tried on {what})"
    return ""


class _Rounds:
    def __init__(self) -> None:
        self._left = ROUNDS

    def tick(self) -> str:
        self._left -= 1
        if self._left < 0:
            raise TemplateFault(f"loops run more than {ROUNDS:,} rounds")
        return ""


class _Sandbox(ImmutableSandboxedEnvironment):
    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Values are plain: no method is ever of use, and of a loop only its counters."""
        return (isinstance(obj, dict) and not attr.startswith("_")) or (
            isinstance(obj, LoopContext) and attr in ("index", "first", "last", "length")
        )

    def is_safe_callable(self, obj: Any) -> bool:
        return getattr(obj, "__self__", None).__class__ is _Rounds


_environment = _Sandbox(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False, trim_blocks=True)
_environment.filters = {name: _environment.filters[name] for name in FILTERS}
_environment.globals = {}


@lru_cache(maxsize=128)
def _compiled(source: str) -> Template:
    if len(source) > TEMPLATE_CHARACTERS:
        raise TemplateFault(f"at most {TEMPLATE_CHARACTERS:,} characters")
    tree = _environment.parse(source)
    _refuse_what_is_not_allowed(tree)
    for loop in tree.find_all(nodes.For):
        _count_rounds(loop)
    return _environment.from_string(tree)


def _count_rounds(loop: nodes.For) -> None:
    """Let each round call `_Rounds.tick`: in the loop's condition where it has one, for what is skipped costs too."""
    tick = nodes.Call(nodes.Name(_TICK, "load"), [], [], None, None)
    if loop.test is not None:
        loop.test = nodes.And(nodes.Not(tick), loop.test).set_lineno(loop.lineno)
        loop.test.set_environment(_environment)
    else:
        loop.body.insert(0, nodes.Output([tick]).set_lineno(loop.lineno).set_environment(_environment))


def _refuse_what_is_not_allowed(tree: nodes.Template) -> None:
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.For) and node.recursive):
            raise TemplateFault(f"line {node.lineno}: {type(node).__name__.lower()} is not allowed here")
        if isinstance(node, nodes.Name) and node.name.startswith("_"):
            raise TemplateFault(f"line {node.lineno}: {node.name} is no value of a message")


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    for child in node.iter_child_nodes():
        yield child
        yield from _walk(child)


def _bounded(pieces: Iterator[str]) -> Iterator[str]:
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > OUTPUT_CHARACTERS:
            raise TemplateFault(f"gives more than {OUTPUT_CHARACTERS:,} characters")
        yield piece


def _where(error: Exception) -> str:
    """Return the template's line in the traceback: Jinja maps its frames back to the source."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"line {line}: " if line else ""
