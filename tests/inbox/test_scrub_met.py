from tradewatch.inbox.scrub import ScrubPolicy, met, survey
from tradewatch.inbox.scrub.met import Met
from tradewatch.inbox.scrub.policy import Rules


def test_what_comes_always_is_not_pushed_out_by_what_comes_once() -> None:
    lately = Met()
    lately.meet({b"always"})
    for number in range(3 * met.MAX_MET):
        assert not lately.unmet([b"always"])
        lately.meet({b"%d" % number})
    assert lately.unmet([b"always", b"0"]) == {b"0"}
    assert len(lately._young) + len(lately._old) <= 2 * met.MAX_MET


def test_long_pieces_are_forgotten_at_once() -> None:
    lately = Met()
    lately.meet({b"x" * (met.MAX_LENGTH + 1)})
    assert lately.unmet([b"x" * (met.MAX_LENGTH + 1)])


def test_a_piece_that_was_clean_is_looked_at_under_each_name() -> None:
    rules = Rules(ScrubPolicy())
    many = b'"address":0,' * survey.FEW
    assert survey.survey(b'{%s"desk":"hunter2"}' % many, rules) == (survey.NOTHING, 0)
    assert survey.survey(b'{%s"password":"hunter2"}' % many, rules)[0] == survey.ANYTHING
    assert survey.survey(b'{%s"peer":{"ip":"10.0.0.1"},"ip":"10.0.0.1"}' % many, rules) == (survey.ADDRESSES, 2)
    assert survey.survey(b'{%s"order_id":"4111111111111111"}' % many, rules) == (survey.NOTHING, 0)
    assert survey.survey(b'{%s"note":"4111111111111111"}' % many, rules)[0] == survey.ANYTHING
    assert survey.survey(b'{%s"sk_live_0123456789ab":1}' % many, rules)[0] == survey.ANYTHING
