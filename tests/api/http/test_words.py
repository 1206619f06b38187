"""Who is asked for words has to say something: a reason of nothing but spaces is none."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.event_file.fields import Malformed, text
from api.http.documents import OPENAPI_PATH
from api.words import words, words_schema
from tests.api.http.serving import Api, Json

#: What bodies call the words they ask for.
_WORDS = {"reason", "override_reason", "summary", "note", "text", "statement", "what", "exceeding", "detail"}
_BLANK = ("", " ", "\u3000 \u00a0", "\u200b", "\u2060\ufeff \u00ad", "\u202e\u200f")
#: Those the schema need not know.
_FAR_BLANK = ("\U000e0041", "\u115f\u3164", "\u2800", "\ufe0f", "\u0301", "\u06dd")


@pytest.mark.parametrize("blank", _BLANK)
def test_words_say_something_and_names_may_be_any_text(blank: str) -> None:
    with pytest.raises(Malformed):
        words(blank)
    assert not re.search(words_schema(200)["pattern"], blank)
    if blank:
        assert text(blank) == blank
    said = f"{blank}看过了 {blank}"
    assert words(said) == said
    assert re.search(words_schema(200)["pattern"], said)


@pytest.mark.parametrize("blank", _FAR_BLANK)
def test_what_shows_nothing_is_blank_also_where_the_schema_does_not_say_so(blank: str) -> None:
    with pytest.raises(Malformed):
        words(blank)


@pytest.mark.parametrize("said", ["\u200b看", "?", "1", "👍\ufe0f", "e\u0301", "👩\u200d🔧"])
def test_one_sign_that_is_seen_is_enough(said: str) -> None:
    assert words(said) == said
    assert re.search(words_schema(200)["pattern"], said)


@pytest.mark.parametrize(
    ("path", "role", "body"),
    [
        ("/v1/rule-switches", "finance", {"rule": "unfriendly_smoking", "is_on": False, "reason": "\u200b"}),
        ("/v1/cases", "moderator", {"source": "report", "party": "bo", "summary": "\u3000"}),
        ("/v1/cases/k1/notes", "moderator", {"note": "\n \u2060\n"}),
        ("/v1/parties/bo/false-identity", "moderator", {"reason": "  "}),
        ("/v1/me/tickets", "viewer", {"about": "other", "text": "\n"}),
        ("/v1/adjustments", "finance", {"streamer": "bo", "amount": "1.00", "reason": " "}),
        (
            "/v1/me/reports",
            "viewer",
            {"channel": "button", "target": "bo", "category": "illegal_obscenity", "text": " \n"},
        ),
    ],
)
def test_a_blank_is_refused_at_the_door(api: Api, path: str, role: str, body: Json) -> None:
    problem = api.refused("POST", path, role, body)
    assert (problem["status"], problem["code"]) == (422, "invalid")
    (fault,) = problem["errors"]
    assert fault["message"] == "is blank"


def test_the_document_says_so_wherever_words_are_asked_for(api: Api) -> None:
    schemas = api.http.get(OPENAPI_PATH).json()["components"]["schemas"]
    asked = [
        (model, name, schema["pattern"])
        for model in schemas
        if model.endswith("Body")
        for name, value in schemas[model].get("properties", {}).items()
        if name in _WORDS
        for schema in _texts(value)
    ]
    assert len(asked) >= 25
    for model, name, pattern in asked:
        assert not re.search(pattern, "  "), f"{name} of {model} may be blank"
        assert re.search(pattern, "because"), f"{name} of {model}"


def _texts(schema: Any) -> Iterator[Any]:
    for part in schema.get("anyOf", [schema]):
        if part.get("type") == "string":
            yield part
