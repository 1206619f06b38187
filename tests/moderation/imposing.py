"""Measures imposed over HTTP, in cases of their own."""

from tests.api.http.serving import Api

#: A violation so light that nothing follows from its points, and why more than usual rests on it.
FOUND = {"rule": "unfriendly_smoking", "override_reason": "for the tenth time"}


def imposed(api: Api, party: str, *kinds: str) -> list[str]:
    """Measures that need no second person, decided at once; their ids, in order."""
    case = api.new("case")
    opened = {"case": case, "source": "spot_check", "party": party, "summary": "seen on air"}
    api.done("POST", "/v1/cases", "moderator", opened, party="mo")
    decided = {
        "findings": [FOUND],
        "measures": [{"kind": kind} for kind in kinds],
        "reason": "it was seen",
    }
    decision = api.done("POST", f"/v1/cases/{case}/decisions", "moderator", decided, party="mo")["id"]
    seen = api.done("GET", f"/v1/decisions/{decision}", "moderator", party="mo")["measures"]
    return [measure["id"] for measure in seen if measure["kind"] in kinds]


def lifted(api: Api, measure: str) -> None:
    """A measure ended before its time."""
    api.done("POST", f"/v1/measures/{measure}/lift", "moderator", {"reason": "closed"}, party="mo")
