import copy
import pickle

import pytest

from tradewatch.core.encryption import EncryptedTextField, Undecipherable, decrypt, encrypt, is_stored


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


def test_what_cannot_be_read_is_told_from_nothing_and_saved_as_it_was(settings):
    field, token = EncryptedTextField(), encrypt("kept")
    settings.SECRET_KEY = "another key"
    read = field.from_db_value(token)
    assert read == "" and not read and is_stored(read)
    for same in (read, copy.deepcopy(read), pickle.loads(pickle.dumps(read))):
        assert field.get_prep_value(same) == token
    assert not is_stored(field.from_db_value("")) and field.get_prep_value("") == ""
