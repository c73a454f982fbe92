"""The population of the demonstration passes intake as it is handed out."""

from __future__ import annotations

from chassis.clock import local_day
from contracts.events.intake import ApplicationSubmitted
from simulator.declarations import application
from simulator.population import Population
from tests.service.intake.conftest import NOON, Desk, Intake


async def test_two_hundred_synthetic_households_are_accepted_and_said_as_declared(intake: Intake, desk: Desk) -> None:
    population = Population(7)
    bodies = [application(population.household(number), local_day(NOON), "230799") for number in range(200)]
    handed_in = [body["application"] for body in bodies]
    answer = await desk.post("/batch", {"applications": handed_in})
    assert [result for result in answer.json()["results"] if result["verdict"] != "accepted"] == []
    said = [event for event in await intake.said() if isinstance(event, ApplicationSubmitted)]
    assert len(said) == 200
    ids = {person.citizen_id: event for event in said for person in event.private.people}
    for body in handed_in:
        event = ids[body["members"][0]["citizen_id"]]
        assert [one.citizen_id for one in event.private.people] == [one["citizen_id"] for one in body["members"]]
        assert sum(item.amount_fen for item in event.declaration) == sum(
            item["amount_fen"] for item in body["declaration"]
        )
        assert len(event.consented) == len(body["members"])
