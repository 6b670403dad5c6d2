"""A problem of the API as a person reads it."""

import pytest
from django.utils import translation

from accounts.errors import TooManyApiKeysError
from accounts.pages.refusals import in_words, page_about
from config.http.problems import InvalidRequestError, NotFoundError

IN_HINDI = "एक सदस्य चुनें।"


def test_in_english_a_person_reads_what_the_api_says() -> None:
    assert in_words(TooManyApiKeysError("The most is 20.")) == "The most is 20."
    assert in_words(NotFoundError()) == "Not found"


def test_in_hindi_english_for_programs_is_left_out() -> None:
    with translation.override("hi"):
        assert in_words(TooManyApiKeysError("The most is 20.")) == "API keys पर्याप्त हैं"
        assert page_about(NotFoundError("No row.")) == {"title": "नहीं मिला", "text": ""}


@pytest.mark.parametrize("detail", ["Choose a member.", IN_HINDI])
def test_in_hindi_what_was_said_for_people_is_read(detail: str) -> None:
    with translation.override("hi"):
        assert in_words(InvalidRequestError(detail)) == IN_HINDI
