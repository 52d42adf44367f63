import pytest

from tradewatch.core.encryption import Undecipherable, decrypt, encrypt


def test_what_is_encrypted_comes_back_and_is_not_in_the_token():
    token = encrypt("whsec_very-secret")
    assert "very-secret" not in token
    assert decrypt(token) == "whsec_very-secret"


def test_the_empty_text_stays_empty():
    assert encrypt("") == ""
    assert decrypt("") == ""


def test_the_same_text_gives_another_token_each_time():
    assert encrypt("a") != encrypt("a")


def test_a_replaced_key_reads_on_as_a_fallback(settings):
    token = encrypt("kept")
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another key"
    with pytest.raises(Undecipherable, match="TRADEWATCH_SECRET_KEY"):
        decrypt(token)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert decrypt(token) == "kept"
