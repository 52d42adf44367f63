"""What people type into fields about labels: matchers, and the labels of an alert that is only thought of."""

from alerts.matchers import Matcher, MatcherFault, parse_matchers


def read_matchers(text: str) -> tuple[tuple[Matcher, ...], str]:
    """Return the matchers of `text` and what is wrong with it, in words; one of them is empty."""
    try:
        return parse_matchers(text), ""
    except MatcherFault as fault:
        return (), str(fault)


def read_labels(text: str) -> tuple[dict[str, str], str]:
    """Return the labels that `text` names as `name=value`, a line or a comma each, and what is wrong with it.

    The syntax is that of matchers, so that what stands on a page can be pasted; only `=` names a label.
    """
    joined = ", ".join(line.strip().rstrip(",") for line in text.splitlines() if line.strip())
    matchers, fault = read_matchers(joined)
    others = [str(each) for each in matchers if each.operator != "="]
    if others:
        return {}, f"{others[0]} is a condition: a label is name=value"
    return {each.name: each.value for each in matchers}, fault
