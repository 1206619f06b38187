"""The inbox over HTTP: one's own, and nobody else's."""

import time

from tests.api.http.serving import Api, Json
from tests.moderation.reports.test_http import filed


def arrived(api: Api, party: str) -> Json:
    give_up_at = time.monotonic() + 15
    while time.monotonic() < give_up_at:
        page = api.done("GET", "/v1/me/notices", "viewer", party=party)
        if page["notices"]:
            return page
        time.sleep(0.1)
    raise AssertionError("no notice arrived")


def test_the_worker_delivers_and_the_party_reads(api: Api) -> None:
    reporter, target = api.viewer(), api.streamer()
    filed(api, reporter, target)
    page = arrived(api, reporter)
    (notice,) = page["notices"]
    assert (page["unread"], page["next"], notice["kind"], notice["read_at"]) == (1, None, "report", None)
    path = f"/v1/me/notices/{notice['id']}/read"
    for role, party in (("viewer", api.viewer()), ("streamer", target)):
        assert api.refused("POST", path, role, party=party)["code"] == "not_found"
    read = api.done("POST", path, "viewer", party=reporter)
    assert read["read_at"] is not None
    assert api.done("POST", path, "viewer", party=reporter) == read
    assert api.done("GET", "/v1/me/notices", "viewer", party=reporter)["unread"] == 0
    assert api.done("GET", "/v1/me/notices", "streamer", party=target)["notices"] == []
    for role in ("moderator", "gateway", "finance"):
        assert api.refused("GET", "/v1/me/notices", role, party=reporter)["code"] == "forbidden"


def test_what_is_no_notice_is_refused(api: Api) -> None:
    assert api.refused("POST", "/v1/me/notices/nonsense/read", "viewer")["code"] == "invalid"
    path = "/v1/me/notices/00000000-0000-8000-8000-000000000000/read"
    assert api.refused("POST", path, "viewer")["code"] == "not_found"
