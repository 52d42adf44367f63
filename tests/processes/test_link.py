import threading

from tradewatch.processes.link import Link, link_pair


def ends() -> tuple[Link, Link]:
    ours, theirs = link_pair()
    return Link(ours), Link(theirs)


def test_words_arrive_in_order_both_ways() -> None:
    ours, theirs = ends()
    ours.send("digest")
    ours.send("alerts")
    theirs.send("errors 1")
    words = theirs.words()
    assert [next(words), next(words)] == ["digest", "alerts"]
    assert next(ours.words()) == "errors 1"


def test_a_burst_of_equal_words_is_one() -> None:
    ours, theirs = ends()
    for _ in range(100):
        ours.send("digest")
    ours.send("deliver")
    words = theirs.words()
    assert [next(words), next(words)] == ["digest", "deliver"]


def test_a_full_buffer_drops_words_and_never_blocks() -> None:
    ours, _theirs = ends()
    sender = threading.Thread(target=lambda: [ours.send("digest") for _ in range(100_000)])
    sender.start()
    sender.join(10)
    assert not sender.is_alive()


def test_the_words_end_with_the_other_process() -> None:
    ours, theirs = link_pair()
    ours.close()
    assert list(Link(theirs).words()) == []


def test_the_words_end_with_a_process_that_left_some_unread() -> None:
    ours, theirs = link_pair()
    link = Link(theirs)
    link.send("errors 1")
    ours.close()
    assert list(link.words()) == []


def test_sending_to_a_process_that_is_gone_is_harmless() -> None:
    ours, theirs = link_pair()
    theirs.close()
    Link(ours).send("digest")
