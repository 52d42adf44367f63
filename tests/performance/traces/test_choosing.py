import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.performance.traces.choices import KeptFor
from tradewatch.performance.traces.choosing import Candidate, admits, choose

LOTS = 2**63


def crowd(count, seed=1, **fields) -> list[Candidate]:
    lots = random.Random(seed)
    name = fields.pop("name", "GET /orders")
    return [
        Candidate(f"{name}-{seed}-{number}", name, lots.randrange(LOTS), lots.lognormvariate(-2, 1), **fields)
        for number in range(count)
    ]


def test_while_there_is_room_everything_stays():
    some = crowd(50) + crowd(20, 2, is_failed=True)
    choice = choose(some, budget=140)  # a measured one stands in two queues
    assert choice.kept.keys() == {each.key for each in some}
    assert choice.cutoffs == {}
    assert admits(choice.cutoffs, crowd(1, 3)[0])


def test_nothing_to_choose_from_and_no_budget():
    assert choose([], budget=10).kept == {}
    assert choose(crowd(5), budget=0).kept == {}


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"is_new": True, "is_failed": True}, KeptFor.NEW),
        ({"has_error": True, "is_failed": True}, KeptFor.ERROR),
        ({"is_failed": True, "is_linked": True}, KeptFor.FAILED),
        ({"is_linked": True}, KeptFor.LINKED),
    ],
)
def test_what_is_telling_stays_among_a_thousand_and_says_why(fields, said):
    telling = replace(crowd(1, 9, **fields)[0], draw=LOTS - 1, seconds=1e-6)
    choice = choose([*crowd(1000), telling], budget=100)
    assert choice.kept[telling.key] is said
    assert len(choice.kept) <= 100


def test_the_slowest_of_each_name_stay():
    names = [crowd(300, seed, name=f"GET /{seed}") for seed in range(20)]
    kept = choose([each for name in names for each in name], budget=200).kept
    for name in names:
        slowest = sorted(name, key=lambda each: -each.seconds)[:3]
        assert all(kept.get(each.key) is KeptFor.SLOW for each in slowest[:1])
        assert all(each.key in kept for each in slowest)


def test_the_rest_is_a_fair_sample():
    """Whether one stays has nothing to do with when it came, nor (but for the slowest) with how long it took."""
    everybody = crowd(4000)
    choice = choose(everybody, budget=400)
    sampled = [at for at, each in enumerate(everybody) if choice.kept.get(each.key) is KeptFor.SAMPLE]
    assert 140 <= len(sampled) <= 170
    assert 0.4 < sum(at < 2000 for at in sampled) / len(sampled) < 0.6
    typical = sum(everybody[at].seconds < 0.135 for at in sampled) / len(sampled)  # the median of that crowd
    assert 0.4 < typical < 0.65


def test_a_name_that_always_fails_does_not_push_out_the_others():
    storm = crowd(5000, 1, name="POST /orders", is_failed=True)
    calm = crowd(30, 2, name="GET /positions") + crowd(3, 3, name="GET /quotes", is_failed=True)
    kept = choose(storm + calm, budget=300).kept
    assert all(each.key in kept for each in calm[30:])
    assert sum(each.key in kept for each in calm) >= 25
    assert len(kept) > 200


def test_new_names_do_not_take_everything():
    flood = [replace(each, name=f"GET /{each.key}", is_new=True) for each in crowd(5000)]
    failed = crowd(50, 2, is_failed=True)
    kept = choose(flood + failed, budget=400).kept
    assert sum(each.key in kept for each in failed) >= 4
    assert len(kept) <= 400


def test_parts_of_one_trace_share_their_lot():
    """Of two projects with like traffic the same traces are sampled."""
    here = crowd(2000)
    there = [replace(each, key=f"other-{each.key}", name="venue", seconds=None) for each in here]
    kept_here = {key for key, why in choose(here, budget=200).kept.items() if why is KeptFor.SAMPLE}
    kept_there = {key.removeprefix("other-") for key in choose(there, budget=200).kept}
    assert len(kept_here & kept_there) >= 0.9 * min(len(kept_here), len(kept_there))


@st.composite
def candidates(draw):
    count = draw(st.integers(0, 60))
    return [
        Candidate(
            key,
            draw(st.sampled_from("abc")),
            draw(st.integers(0, 30)),
            draw(st.none() | st.sampled_from([0.1, 0.2, 0.5, 1.0, 2.0])),
            *(draw(st.booleans()) and draw(st.booleans()) for _ in range(4)),
        )
        for key in range(count)
    ]


@given(candidates(), st.integers(0, 40), st.randoms(use_true_random=False))
def test_the_budget_holds_and_the_order_does_not_matter(everybody, budget, lots):
    choice = choose(everybody, budget=budget)
    assert len(choice.kept) <= budget
    shuffled = lots.sample(everybody, len(everybody))
    assert choose(shuffled, budget=budget) == choice


@given(candidates(), st.integers(1, 40), st.lists(st.integers(0, 60), max_size=6))
def test_choosing_in_steps_is_choosing_once(everybody, budget, cuts):
    """Those that the cutoffs turn away and those that were dropped are what one choice over all drops."""
    kept, cutoffs = [], {}
    for low, high in zip([0, *sorted(cuts)], [*sorted(cuts), len(everybody)], strict=True):
        kept += [each for each in everybody[low:high] if admits(cutoffs, each)]
        choice = choose(kept, budget=budget)
        kept, cutoffs = [each for each in kept if each.key in choice.kept], choice.cutoffs
    assert {each.key for each in kept} == choose(everybody, budget=budget).kept.keys()


def test_the_reasons_count_up():
    some = crowd(100) + crowd(10, 2, is_failed=True) + crowd(5, 3, has_error=True)
    kept = Counter(choose(some, budget=60).kept.values())
    assert kept[KeptFor.FAILED] == 10
    assert kept[KeptFor.ERROR] == 5
    assert kept[KeptFor.SLOW] and kept[KeptFor.SAMPLE]
