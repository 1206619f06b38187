"""Previews and appeals over HTTP: who sees and does what, and what is said to whom."""

from uuid import uuid4

from ledger.journal.commands import Command
from moderation.evidence.commands import AddEvidence
from tests.api.http.serving import Api, Json, minor
from tests.ledger.asked import head
from tests.moderation.takings.court import DIGEST, PROOF


def _books(api: Api, command: Command) -> None:
    (outcome,) = api.app.state.service.house.journal.decide([command])
    assert outcome.refusal is None


def _case(api: Api, party: str) -> str:
    case = api.new("case")
    body = {"case": case, "source": "spot_check", "party": party, "summary": "seen on air"}
    api.done("POST", "/v1/cases", "moderator", body, party="mo")
    _books(api, AddEvidence(*head("moderator:mo"), case, DIGEST, "image/png", len(PROOF)))
    return case


def _shown(api: Api, case: str, **body: object) -> Json:
    return api.done("POST", f"/v1/cases/{case}/previews", "moderator", body, party="mo")


def _decided(api: Api, case: str, *measures: Json) -> str:
    body = {
        "findings": [{"rule": "illegal_symbols", "evidence": [DIGEST]}],
        "measures": list(measures),
        "reason": "it was seen",
    }
    return str(api.done("POST", f"/v1/cases/{case}/decisions", "moderator", body, party="mo")["id"])


def test_a_penalty_is_shown_held_appealed_against_and_overturned(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=500), own_api.streamer(), own_api.gift(1)
    own_api.tip(viewer, streamer, coin, 500)
    case = _case(own_api, streamer)
    shown = _shown(own_api, case, kind="penalty", party=streamer, amount="30.00")
    assert [(taking["account"], minor(taking["amount"])) for taking in shown["takings"]] == [("gifts", 300)]
    assert minor(shown["total"]) == 3_000
    read = own_api.done("GET", f"/v1/cases/{case}/previews/{shown['id']}", "moderator", party="ju")
    assert read == shown
    decision = _decided(own_api, case, {"kind": "penalty", "preview": shown["id"]})
    assert minor(own_api.earnings(streamer)["gifts"]["available"]) == 200
    path = f"/v1/decisions/{decision}/appeals"
    text = {"text": "it was not me"}
    assert own_api.refused("POST", path, "viewer", text, party=viewer)["code"] == "decision_not_found"
    appeal = own_api.done("POST", path, "streamer", text, party=streamer)
    verdict = f"/v1/appeals/{appeal['id']}/verdict"
    overturned = {"verdict": "overturned", "reason": "somebody else did it"}
    assert own_api.refused("POST", verdict, "moderator", overturned, party="mo")["code"] == (
        "second_person_required"
    )
    waiting = own_api.done("GET", "/v1/appeals?open=true", "moderator", party="ju")["appeals"]
    assert [one["id"] for one in waiting] == [appeal["id"]]
    own_api.done("POST", verdict, "moderator", overturned, party="ju")
    assert minor(own_api.earnings(streamer)["gifts"]["available"]) == 500
    (own,) = own_api.done("GET", "/v1/me/appeals", "streamer", party=streamer)["appeals"]
    assert (own["verdict"], own["reason"]) == ("overturned", "somebody else did it")
    assert own_api.done("GET", f"/v1/appeals/{appeal['id']}", "moderator", party="ju") == own
    assert own_api.done("GET", "/v1/me/appeals", "viewer", party=viewer)["appeals"] == []


def test_a_lowered_penalty_shows_what_was_decided_and_what_was_remitted(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=500), own_api.streamer(), own_api.gift(1)
    own_api.tip(viewer, streamer, coin, 500)
    case = _case(own_api, streamer)
    shown = _shown(own_api, case, kind="penalty", party=streamer, amount="30.00")
    decision = _decided(own_api, case, {"kind": "penalty", "preview": shown["id"]})

    def seen() -> list[Json]:
        (own,) = own_api.done("GET", "/v1/me/decisions", "streamer", party=streamer)["decisions"]
        theirs = own_api.done("GET", f"/v1/decisions/{decision}", "moderator", party="ju")
        file = own_api.done("GET", f"/v1/cases/{case}/file", "moderator", party="ju")
        listed = own_api.done("GET", "/v1/decisions", "moderator", party="ju")
        views = (own, theirs, *file["decisions"], *listed["decisions"])
        measures = [one for view in views for one in view["measures"]]
        penalties = [one for one in measures if one["kind"] == "penalty"]
        assert {one["remitted"] for one in measures if one not in penalties} == {None}
        assert [minor(one["amount"]) for one in penalties] == [3_000] * len(views)
        return [one["remitted"] for one in penalties]

    assert seen() == [{"amount": "0.00", "currency": "CNY"}] * 4
    text = {"text": "that is too much"}
    appeal = own_api.done("POST", f"/v1/decisions/{decision}/appeals", "streamer", text, party=streamer)
    lowered = {
        "verdict": "changed",
        "reason": "it was less",
        "lowered": [{"measure": 0, "amount": "12.00"}],
    }
    own_api.done("POST", f"/v1/appeals/{appeal['id']}/verdict", "moderator", lowered, party="ju")
    assert seen() == [{"amount": "18.00", "currency": "CNY"}] * 4


def test_a_newest_decision_is_named_only_where_there_is_one(own_api: Api) -> None:
    streamer = own_api.streamer()
    case = _case(own_api, streamer)
    body = {
        "findings": [{"rule": "illegal_symbols"}],
        "measures": [{"kind": "warn"}],
        "reason": "it was seen",
        "latest": str(uuid4()),
    }
    path = f"/v1/cases/{case}/decisions"
    problem = own_api.refused("POST", path, "moderator", body, party="mo")
    assert (problem["code"], problem["latest"]) == ("case_decided", None)
    assert problem["detail"] == f"nothing is decided in case {case!r} yet: it has no newest decision to name"
    decision = _decided(own_api, case, {"kind": "warn"})
    problem = own_api.refused("POST", path, "moderator", body, party="mo")
    assert (problem["latest"], problem["detail"]) == (
        decision,
        f"the newest decision of case {case!r} is {decision}, and was not named",
    )


def test_whoever_the_rule_book_does_not_name_is_told_so_whatever_the_role(own_api: Api) -> None:
    streamer = own_api.streamer()
    case = _case(own_api, streamer)
    decision = _decided(own_api, case, {"kind": "restrict", "feature": "comment"})
    seen = own_api.done("GET", f"/v1/decisions/{decision}", "moderator", party="ju")
    path, body = f"/v1/measures/{seen['measures'][0]['id']}/lift", {"reason": "it is enough"}
    problem = own_api.refused("POST", path, "finance", body, party="fi")
    assert (problem["code"], problem["detail"]) == (
        "not_their_measure",
        "the rule book leaves this, for a measure 'restrict', to other roles than 'finance'",
    )


def test_tips_that_would_go_back_are_shown_a_page_at_a_time(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=500), own_api.streamer(), own_api.gift(10)
    for _ in range(5):
        own_api.tip(viewer, streamer, coin, 2)
    case = _case(own_api, streamer)
    tips = {"streamer": streamer, "since": "2026-01-01T00:00:00+08:00", "until": "2999-01-01T00:00:00+08:00"}
    body = {"kind": "return_tips", "party": streamer, "tips": tips}
    key = uuid4()
    asked = own_api.ask("POST", f"/v1/cases/{case}/previews", "moderator", body, party="mo", key=key)
    shown = asked.json()
    assert asked.status_code == 201, shown
    assert (shown["plan"]["tips"], minor(shown["plan"]["coins"]), minor(shown["total"])) == (5, 100, 1_000)
    again = own_api.ask("POST", f"/v1/cases/{case}/previews", "moderator", body, party="mo", key=key)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (shown, "true")
    path = f"/v1/cases/{case}/previews/{shown['id']}?limit=3"
    page = own_api.done("GET", path, "moderator", party="mo")
    rest = own_api.done("GET", f"{path}&cursor={page['next']}", "moderator", party="mo")
    assert [*page["tips"], *rest["tips"]] == shown["tips"]
    assert rest["next"] is None


def test_who_would_give_tips_back_neither_previews_nor_decides_it(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=500), own_api.streamer(), own_api.gift(10)
    own_api.tip(viewer, streamer, coin, 2)
    case = _case(own_api, viewer)
    tips = {"viewer": viewer, "since": "2026-01-01T00:00:00+08:00", "until": "2999-01-01T00:00:00+08:00"}
    asked = {"kind": "return_tips", "party": viewer, "tips": tips}
    shown = _shown(own_api, case, **asked)
    body = {
        "findings": [{"rule": "illegal_symbols", "evidence": [DIGEST]}],
        "measures": [{"kind": "return_tips", "party": viewer, "preview": shown["id"]}],
        "reason": "it was seen",
    }
    for path, said in (("previews", asked), ("decisions", body)):
        problem = own_api.refused("POST", f"/v1/cases/{case}/{path}", "moderator", said, party=streamer)
        assert problem["code"] == "own_affair", path


def test_who_gives_tips_back_reads_their_part_as_theirs_and_not_the_case_about_the_viewer(
    own_api: Api,
) -> None:
    viewer, streamer, coin = own_api.viewer(coins=500), own_api.streamer(), own_api.gift(10)
    other = own_api.streamer()
    own_api.tip(viewer, streamer, coin, 2)
    own_api.tip(viewer, other, coin, 1)
    case = _case(own_api, viewer)
    tips = {"viewer": viewer, "since": "2026-01-01T00:00:00+08:00", "until": "2999-01-01T00:00:00+08:00"}
    shown = _shown(own_api, case, kind="return_tips", party=viewer, tips=tips)
    beside = _shown(own_api, case, kind="penalty", party=viewer, amount="1.00")
    decision = _decided(own_api, case, {"kind": "return_tips", "party": viewer, "preview": shown["id"]})
    (own,) = own_api.done("GET", "/v1/me/decisions", "streamer", party=streamer)["decisions"]
    (part,) = own["measures"]
    assert (own["id"], part["party"], minor(part["amount"])) == (decision, streamer, 200)
    assert viewer not in str(own).replace(case, "")
    for path in (
        f"/v1/cases/{case}/file",
        f"/v1/decisions/{decision}",
        f"/v1/cases/{case}/previews/{shown['id']}",
        f"/v1/cases/{case}/previews/{beside['id']}",
        f"/v1/cases/{case}/evidence",
        f"/v1/cases/{case}/evidence/{DIGEST}",
    ):
        assert own_api.ask("GET", path, "moderator", party=streamer).status_code == 404, path
    for path, body in (
        ("notes", {"note": "nothing to see"}),
        ("previews", {"kind": "penalty", "party": viewer, "amount": "1.00"}),
        ("decisions", {"findings": [], "measures": [], "reason": "nothing was found", "latest": decision}),
    ):
        problem = own_api.refused("POST", f"/v1/cases/{case}/{path}", "moderator", body, party=streamer)
        assert problem["code"] == "own_affair", path
    said = {"text": "these were for a song I sang"}
    own_api.done("POST", f"/v1/decisions/{decision}/appeals", "streamer", said, party=other)


def test_a_viewers_tips_go_back_by_the_viewer_or_by_the_one_streamer_who_gives_them_all(
    own_api: Api,
) -> None:
    viewer, coin = own_api.viewer(coins=500), own_api.gift(10)
    giver, other, stranger = (own_api.streamer() for _ in range(3))
    tips = [own_api.tip(viewer, streamer, coin).json()["id"] for streamer in (giver, other)]
    case = _case(own_api, stranger)
    time = {"since": "2026-01-01T00:00:00+08:00", "until": "2999-01-01T00:00:00+08:00"}
    one, both = ({"viewer": viewer, "tips": tips[:many]} for many in (1, 2))
    for party, named in (
        (stranger, one),
        (other, one),
        (giver, both),
        (giver, {"viewer": viewer, **time}),
    ):
        asked = {"kind": "return_tips", "party": party, "tips": named}
        problem = own_api.refused("POST", f"/v1/cases/{case}/previews", "moderator", asked, party="mo")
        assert (problem["code"], problem["errors"][0]["field"]) == ("invalid", "body.party"), asked
    for party, named, streamers in ((giver, one, 1), (viewer, one, 1), (viewer, both, 2)):
        shown = _shown(own_api, case, kind="return_tips", party=party, tips=named)
        assert len(shown["plan"]["streamers"]) == streamers


def test_a_penalty_besides_damages_says_why_and_what_is_switched_off_is_not_shown(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=2_000), own_api.streamer(), own_api.gift(1)
    own_api.tip(viewer, streamer, coin, 2_000)
    case = _case(own_api, streamer)
    loss = {"head": "property", "amount": "80.00", "what": "a lamp"}
    claim = _shown(own_api, case, kind="damages", party=streamer, losses=[loss])
    _decided(own_api, case, {"kind": "damages", "preview": claim["id"]})
    asked = {"kind": "penalty", "party": streamer, "amount": "50.00"}
    path = f"/v1/cases/{case}/previews"
    problem = own_api.refused("POST", path, "moderator", asked, party="mo")
    assert (problem["code"], problem["measure"], problem["preview"]) == (
        "penalty_counted_twice",
        "penalty",
        None,
    )
    assert (minor(problem["netted"]), minor(problem["covered"])) == (0, 5_000)
    assert problem["detail"] == (
        "damages of the case take 50.00 CNY of what the penalty covers, and set off 0.00 CNY of that"
    )
    shown = _shown(own_api, case, **asked, exceeding="for the breach, not for the lamp")
    assert (minor(shown["total"]), shown["exceeding"]) == (5_000, "for the breach, not for the lamp")
    assert '"exceeding":"for the breach, not for the lamp"' in shown["document"]
    switch = {"rule": "LIVE-MOD-7", "is_on": False, "reason": "a court said so"}
    own_api.done("POST", "/v1/rule-switches", "finance", switch, party="fi")
    problem = own_api.refused("POST", path, "moderator", asked, party="mo")
    assert (problem["code"], problem["rule"]) == ("rule_switched_off", "LIVE-MOD-7")
    own_api.done("POST", "/v1/rule-switches", "finance", {**switch, "is_on": True}, party="fi")


def test_tips_that_another_case_holds_are_left_out_and_counted(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=500), own_api.streamer(), own_api.gift(10)
    for _ in range(5):
        own_api.tip(viewer, streamer, coin, 2)
    case = _case(own_api, streamer)
    tips = {"streamer": streamer, "since": "2026-01-01T00:00:00+08:00", "until": "2999-01-01T00:00:00+08:00"}
    asked = {"kind": "return_tips", "party": streamer, "tips": tips}
    before = _shown(own_api, case, **asked)
    freeze = {"party": streamer, "account": "gifts", "amount": 30, "case": "another", "rule": "LIVE-MOD-4"}
    own_api.done("POST", "/v1/freezes", "moderator", freeze, party="mo")
    body = {
        "findings": [{"rule": "illegal_symbols", "evidence": [DIGEST]}],
        "measures": [{"kind": "return_tips", "preview": before["id"]}],
        "reason": "it was seen",
    }
    path = f"/v1/cases/{case}/decisions"
    problem = own_api.refused("POST", path, "moderator", body, party="mo")
    assert (problem["code"], problem["reason"]) == ("preview_stale", "held")
    assert (minor(problem["shown"]), minor(problem["available"])) == (100, 60)
    again = _shown(own_api, case, **asked)
    assert (again["plan"]["tips"], again["plan"]["left_out"]) == (3, {"undone": 0, "taken": 0, "held": 2})
    _decided(own_api, case, {"kind": "return_tips", "preview": again["id"]})


def test_nobody_is_shown_what_is_about_themselves(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=500), own_api.streamer(), own_api.gift(1)
    own_api.tip(viewer, streamer, coin, 500)
    case = _case(own_api, streamer)
    body = {"kind": "penalty", "party": streamer}
    path = f"/v1/cases/{case}/previews"
    assert own_api.refused("POST", path, "moderator", body, party=streamer)["code"] == "own_affair"
    shown = _shown(own_api, case, **body)
    refused = own_api.refused("GET", f"{path}/{shown['id']}", "moderator", party=streamer)
    assert refused["code"] == "preview_not_found"
    assert own_api.refused("GET", f"/v1/cases/x/previews/{shown['id']}", "moderator")["code"] == (
        "preview_not_found"
    )


def test_a_body_says_what_its_kind_needs_and_nothing_else(own_api: Api) -> None:
    streamer = own_api.streamer()
    case = _case(own_api, streamer)
    loss, same = {"head": "travel", "amount": "1.00", "what": "a train"}, str(uuid4())
    time = {"since": "2026-01-02T00:00:00+08:00", "until": "2026-01-01T00:00:00+08:00"}
    for body in (
        {"kind": "warn"},
        {"kind": "penalty", "losses": [loss]},
        {"kind": "damages"},
        {"kind": "damages", "losses": [loss], "amount": "1.00"},
        {"kind": "damages", "losses": [{**loss, "head": "grief"}]},
        {"kind": "return_tips"},
        {"kind": "return_tips", "tips": {"streamer": streamer}},
        {"kind": "return_tips", "tips": {"streamer": streamer, **time}},
        {"kind": "return_tips", "tips": {"streamer": streamer, "session": str(uuid4())}},
        {"kind": "return_tips", "tips": {"viewer": "nobody", "tips": [str(uuid4())]}},
        {
            "kind": "return_tips",
            "tips": {**time, "streamer": "another", "until": "2026-01-03T00:00:00+08:00"},
        },
        {"kind": "penalty", "beside": [same, same]},
    ):
        asked = {"party": streamer, **body}
        problem = own_api.refused("POST", f"/v1/cases/{case}/previews", "moderator", asked, party="mo")
        assert problem["code"] == "invalid", body
