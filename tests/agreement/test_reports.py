"""Reports (举报): a receipt for each, proof before acceptance, and nobody believed for ever."""

import pytest

from ledger.database import Database
from moderation.cases.commands import Decide, Finding, Imposed
from moderation.notices.delivering import deliver_due
from moderation.reports.closing import close_due
from tests.api.http.serving import Api
from tests.moderation.evidence.samples import PNG
from tests.moderation.notices.test_http import arrived
from tests.moderation.reports.intake import DAY, FLOODING, SLANDER, Intake
from tests.moderation.reports.test_http import PROOF, body, filed, hand_in, queue, step


@pytest.mark.rule("LIVE-REPORT-1")
@pytest.mark.parametrize("channel", ["button", "hotline", "letter"])
def test_given_a_report_when_it_is_filed_there_is_an_id_and_a_receipt(api: Api, channel: str) -> None:
    reporter, target = api.viewer(), api.streamer()
    said = body(target, channel=channel, moment="2026-10-30T20:00:00+08:00")
    if channel == "button":
        answer = api.ask("POST", "/v1/me/reports", "viewer", said, party=reporter)
    else:
        answer = api.ask("POST", f"/v1/parties/{reporter}/reports", "gateway", said)
    assert answer.status_code == 201
    receipt = answer.json()
    own = api.done("GET", f"/v1/me/reports/{receipt['id']}", "viewer", party=reporter)
    assert (own["id"], own["target"], own["channel"]) == (receipt["id"], target, channel)
    assert own["moment"] == "2026-10-30T12:00:00.000000Z"


@pytest.mark.rule("LIVE-REPORT-1", "LIVE-REPORT-2")
def test_a_report_of_infringement_becomes_a_case_once_its_reporter_has_proved_who_he_is(api: Api) -> None:
    reporter, target, moderator = api.viewer(), api.streamer(), api.new("moderator")
    earnings = api.earnings(target)
    id = filed(api, reporter, target)
    hand_in(api, id, reporter, PNG)
    step(api, id, "claim", moderator)
    refused = api.refused("POST", f"/v1/reports/{id}/accept", "moderator", {}, party=moderator)
    assert refused["code"] == "materials_missing"
    api.done("POST", f"/v1/me/reports/{id}/materials", "viewer", PROOF, party=reporter)
    case = step(api, id, "accept", moderator)["case"]
    (file,) = api.done("GET", f"/v1/cases/{case}/evidence", "moderator")["evidence"]
    assert file["added_by"] == f"report:{id}"
    # The reported sees nothing of it, and nothing of what is hers has moved.
    assert api.earnings(target) == earnings
    assert api.done("GET", "/v1/me/notices", "streamer", party=target)["notices"] == []
    assert "回执编号" in arrived(api, reporter)["notices"][0]["text"]


@pytest.mark.rule("LIVE-REPORT-2")
def test_given_no_proof_by_the_deadline_the_report_is_closed_and_the_reporter_told(
    empty_database: Database,
) -> None:
    house = Intake(empty_database)
    # Filed so long ago that the seven days are over.
    house.at -= 400 * DAY
    report = house.filed(SLANDER)
    assert house.stands(report).state == "awaiting_materials"
    assert close_due(house.journal, house.at) == 0
    house.at += 8 * DAY
    assert close_due(house.journal, house.at) == 1
    assert house.stands(report).state == "closed"
    assert deliver_due(house.journal, house.at).arrived == 2
    assert "未在规定期限内提交身份证明" in house.told("ana")[-1]
    assert house.told("mei") == []
    house.check()


@pytest.mark.rule("LIVE-COND-3")
def test_given_three_findings_of_bad_faith_the_next_report_is_flagged(own_api: Api) -> None:
    reporter, target = own_api.viewer(), own_api.streamer()
    other = own_api.viewer()
    for _ in range(3):
        id = filed(own_api, reporter, target, category=FLOODING)
        step(own_api, id, "claim", "m")
        step(own_api, id, "reject", "m", {"reason": "存心陷害", "bad_faith": True})
    flagged = filed(own_api, reporter, target, category=FLOODING)
    honest = filed(own_api, other, target, category=FLOODING)
    assert [report["id"] for report in queue(own_api, "m", "&flagged=true")] == [flagged]
    # It is looked at all the same, after those of equal harm.
    assert [report["id"] for report in queue(own_api, "m")] == [honest, flagged]


@pytest.mark.rule("LIVE-MOD-3")
def test_given_a_measure_a_notice_is_there_in_the_same_commit_and_a_failure_to_deliver_blocks_nothing(
    empty_database: Database,
) -> None:
    house = Intake(empty_database)
    case = house.case("c1")
    finding, measure = Finding(FLOODING), Imposed("restrict", feature="stream", until=house.at + 7 * DAY)
    decision = house.decide(
        Decide(*house.head("moderator:mod"), case, (finding,), (measure,), "在直播间反复刷屏")
    )
    (seq,) = house.rows("SELECT seq FROM ledger.decisions WHERE id = :id", id=decision)[0]
    rows = house.rows("SELECT party, entry, text FROM moderation.notices WHERE \"case\" = 'c1'")
    ((party, entry, told),) = rows
    assert (party, entry) == ("mei", seq)
    # Facts, the rule, what it means, and how to appeal.
    for part in ("在直播间反复刷屏", "LIVE-", "申诉"):
        assert part in told

    def out_of_order(*_: object) -> None:
        raise ConnectionError

    assert deliver_due(house.journal, house.at + DAY, out_of_order).failed == 1
    assert house.rows("SELECT failure FROM moderation.deliveries") == [("ConnectionError",)]
    assert house.rows("SELECT state FROM moderation.decision_states") == [("decided",)]
    assert deliver_due(house.journal, house.at + 2 * DAY).arrived == 1
    house.check()
