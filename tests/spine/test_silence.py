"""Whether a peer still says anything: literal moments (SPINE Annex D.3, IG 2.6.4)."""

from __future__ import annotations

from eebus_gw.spine.silence import Silence


def test_who_never_says_who_it_is_is_given_up_after_thirty_seconds() -> None:
    silence = Silence()
    silence.begin(100.0)
    silence.heard(110.0, known=False)
    assert silence.next_deadline() == 130.0
    assert not silence.is_over(129.9)
    assert silence.is_over(130.0)
    assert not silence.is_over(131.0), "once"


def test_any_word_of_a_known_peer_ends_it() -> None:
    silence = Silence()
    silence.begin(100.0)
    silence.heard(110.0, known=True)
    assert silence.next_deadline() is None
    assert not silence.is_over(1000.0)


def test_it_begins_only_when_nothing_at_all_was_heard_for_ten_seconds() -> None:
    silence = Silence()
    silence.heard(100.0, known=True)
    assert not silence.begins(109.9)
    assert silence.begins(110.0)
    assert silence.next_deadline() == 140.0
    assert not silence.begins(111.0), "the peer is asked once"
    silence.end()
    assert silence.next_deadline() is None
