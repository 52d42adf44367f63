"""Source lines coloured on the server: spans with classes of ours, so that no page needs a style of its own."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from django.utils.safestring import SafeString, mark_safe
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, String, _TokenType

from tradewatch.dashboard.document.values import text_html

# Few and well known: a lexer is a pile of regular expressions that runs over what a stranger sent.
_BY_SUFFIX = {
    **dict.fromkeys((".py", ".pyi", ".pyx"), "python"),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx", ".html", ".vue", ".svelte"), "javascript"),
    **dict.fromkeys((".ts", ".mts", ".cts", ".tsx"), "typescript"),
    ".java": "java",
    ".kt": "kotlin",
    ".scala": "scala",
    ".go": "go",
    ".rs": "rust",
    ".rb": "ruby",
    ".php": "php",
    ".cs": "csharp",
    ".swift": "swift",
    ".dart": "dart",
    **dict.fromkeys((".c", ".h"), "c"),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".hpp"), "cpp"),
    **dict.fromkeys((".ex", ".exs"), "elixir"),
    ".sql": "sql",
}
_BY_PLATFORM = {
    "python": "python",
    "node": "javascript",
    "javascript": "javascript",
    "java": "java",
    "go": "go",
    "rust": "rust",
    "ruby": "ruby",
    "php": "php",
    "csharp": "csharp",
    "native": "cpp",
    "cocoa": "swift",
    "dart": "dart",
    "elixir": "elixir",
}
# The first that a token is within gives its class.
_CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "t-c"),
    (String, "t-s"),
    (Number, "t-n"),
    (Keyword, "t-k"),
    (Name.Function, "t-f"),
    (Name.Class, "t-f"),
    (Name.Decorator, "t-f"),
    (Name.Builtin, "t-b"),
    (Name.Exception, "t-b"),
)
MAX_LINE = 240  # characters of a line that are shown
_MOST_COLOURED = 4000  # characters of one piece of source


def language_of(file: str, platform: str) -> str:
    """Return the language by the file's ending, else by the event's platform; empty when neither is known."""
    path = file.partition("?")[0]
    return _BY_SUFFIX.get(PurePosixPath(path).suffix.lower()) or _BY_PLATFORM.get(platform, "")


@lru_cache(maxsize=1024)
def coloured_lines(lines: tuple[str, ...], language: str) -> tuple[SafeString, ...]:
    """Return the HTML of each line. Kept for the next look: the frames of an issue are nearly always the same.

    Lines are coloured together, since texts and comments go over several; what is removed stays set apart.
    """
    shown = tuple(line[:MAX_LINE].replace("\r", "").replace("\n", " ") for line in lines)
    cut = [len(line) - MAX_LINE for line in lines]
    if not language or sum(map(len, shown)) > _MOST_COLOURED or any("[removed" in line for line in shown):
        return tuple(text_html(line, MAX_LINE) for line in lines)
    coloured = _coloured(shown, language)
    return tuple(
        line if rest <= 0 else mark_safe(f'{line} <span class="faint">… {rest:,} characters more</span>')  # noqa: S308
        for line, rest in zip(coloured, cut, strict=True)
    )


def _coloured(lines: Sequence[str], language: str) -> list[SafeString]:
    finished: list[list[str]] = [[]]
    for style, text in _tokens("\n".join(lines), language):
        for number, piece in enumerate(text.split("\n")):
            if number:
                finished.append([])
            if piece:
                html = str(text_html(piece))
                finished[-1].append(f'<span class="{style}">{html}</span>' if style else html)
    finished += [[] for _ in range(len(lines) - len(finished))]
    return [mark_safe("".join(pieces)) for pieces in finished[: len(lines)]]  # noqa: S308  # text_html escapes


def _tokens(source: str, language: str) -> Iterator[tuple[str, str]]:
    for kind, text in _lexer(language).get_tokens(source):
        yield next((style for within, style in _CLASSES if kind[: len(within)] == within), ""), text


@lru_cache(maxsize=32)
def _lexer(language: str) -> Lexer:
    # `stripnl` would drop empty lines at the ends and shift every number below them.
    options = {"startinline": True} if language == "php" else {}
    return get_lexer_by_name(language, stripnl=False, ensurenl=False, **options)
