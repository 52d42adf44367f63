"""The step about what failing requests share, from samples to a sentence."""

from alerts.words import counted, number_words, percent_words
from debugging.choices import Finding, StepKey
from debugging.contexts.subjects import Subject
from debugging.steps.answers import Answer, unknown
from debugging.steps.features import features_of
from debugging.steps.samples import read_samples
from debugging.steps.sharing import LEAST_FAILING, LEAST_PASSING, Compared, Shared, compare, is_enough
from debugging.steps.statistics import p_words

KEY = StepKey.SHARED


def ask(subject: Subject) -> Answer:
    if subject.issue is None:
        return unknown(KEY, "No event of this fingerprint was ever stored: there is nothing to compare.")
    samples = read_samples(subject, subject.issue, least_passing=LEAST_PASSING)
    failing, passing = len(samples.failing), len(samples.passing)
    if not is_enough(failing, passing):
        floor = f"at least {LEAST_FAILING} failing and {LEAST_PASSING} others are compared"
        said = f"{counted(failing, 'event')} and {passing} {samples.what} are stored of that time"
        return unknown(KEY, f"Too few: {said}; {floor}.", {"failing": failing, "passing": passing})
    compared = compare([features_of(each) for each in samples.failing], [features_of(each) for each in samples.passing])
    return judge(compared, failing=failing, passing=passing, what=samples.what)


def judge(compared: Compared, *, failing: int, passing: int, what: str) -> Answer:
    evidence = {
        "failing": failing,
        "passing": passing,
        "compared_with": what,
        "tested": compared.tested,
        "shared": [each.as_json() for each in compared.shared],
    }
    if not compared.shared:
        words = (
            f"Nothing stands out: {counted(compared.tested, 'value')} of host, user, tags, query and body compared "
            f"between {counted(failing, 'event')} and {passing} {what}."
        )
        return Answer(KEY, Finding.NO, words, evidence)
    first, *rest = compared.shared
    more = f" Also {', '.join(f'{each.key} {each.value}' for each in rest)}." if rest else ""
    return Answer(KEY, Finding.YES, f"{_words(first, what)}{more}"[:500], evidence)


def _words(shared: Shared, what: str) -> str:
    failing = percent_words(shared.failing / shared.failing_of)
    passing = percent_words(shared.passing / shared.passing_of)
    times = f"{number_words(shared.lift)}x as often, " if shared.passing else ""
    return (
        f"{shared.key} {shared.value}: {failing} of the {shared.failing_of} that failed, "
        f"{passing} of {shared.passing_of} {what} ({times}{p_words(shared.p)})."
    )
