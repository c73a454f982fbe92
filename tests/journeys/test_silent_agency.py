"""An agency that only part of the households need keeps silent: theirs wait for the deadline, nobody else's does."""

from __future__ import annotations

from contracts.vocabulary import Agency
from tests.journeys.county import County, is_rural, is_urban
from tests.journeys.patience import until

SILENT = Agency.AGRICULTURAL_MACHINERY
"""Asked about rural households only."""
HOUSEHOLDS = 12


async def test_others_are_reported_on_time_theirs_partial_after_the_deadline_then_supplemented(county: County) -> None:
    rural = [*await county.households(HOUSEHOLDS, is_rural)]
    urban = [*await county.households(HOUSEHOLDS, is_urban)]
    await county.outside.put_fault(SILENT, "silent")
    applications = await county.submit([*rural, *urban])
    rural_numbers = {one["household_no"] for one in rural}
    theirs = [one for one, number in applications.items() if number in rural_numbers]
    others = [one for one in applications if one not in theirs]

    await county.await_version(others, 1)

    async def all_but_the_silent_one_ended() -> bool:
        checks = [await county.caseworker.check(one) for one in theirs]
        return all(
            check is not None
            and {agency["code"] for agency in check["agencies"] if agency["state"] != "ended"} == {SILENT}
            and {agency["state"] for agency in check["agencies"]} == {"ended", "silent"}
            for check in checks
        )

    await until(all_but_the_silent_one_ended, "rural households that wait for the silent agency alone")
    assert [await county.versions(one) for one in theirs] == [[]] * HOUSEHOLDS

    county.platform.clock_forward(6)
    await county.await_version(theirs, 1)
    for application_id in theirs:
        (partial,) = await county.versions(application_id)
        asked, answered, silent = (partial["coverage"][name] for name in ("asked", "answered", "silent"))
        assert partial["is_partial"]
        assert silent > 0
        assert answered == asked - silent
        assert partial["conclusion"]["code"] in {"incomplete", "flags_open"}
        whole = await county.caseworker.report(partial["report_id"])
        missing = [one for one in whole["content"]["coverage"]["answers"] if one["outcome"] != "answered"]
        assert [(one["agency"]["code"], one["outcome"], one["reason"]) for one in missing] == [
            (SILENT, "silent", "late")
        ]
        assert len(missing[0]["members"]) == silent

    await county.outside.mend()
    await county.await_version(theirs, 2)
    for application_id in theirs:
        partial, supplement = await county.versions(application_id)
        assert (supplement["version"], supplement["supersedes"]) == (2, partial["report_id"])
        assert not supplement["is_partial"]
        assert supplement["coverage"]["answered"] == partial["coverage"]["asked"]
    for line in (await county.latest(others)).values():
        assert (line["version"], line["is_partial"]) == (1, False)
    states = await county.rows(
        "intake", "select distinct state from application where application_id = any($1)", list(applications)
    )
    assert [one["state"] for one in states] == ["accepted"]
