"""Publishing: post what was decided, and hear objections while it hangs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.ids import new_id
from chassis.transaction import Transaction
from contracts.audit import Act
from policies.words import Step
from services.approval.domain.case import Case
from services.approval.domain.moves import Move
from services.approval.domain.order import is_posted_after_decision
from services.approval.domain.publicity import Objection, Posting, objection_faults, posted, posting_faults
from services.approval.store import records
from services.approval.usecases import casework
from services.approval.usecases.refusals import StepsMissing, Unacceptable


async def post_publicity(
    tx: Transaction, caller: Caller, case: Case, posting: Posting, *, now: datetime
) -> tuple[Case, str]:
    """Post the confirmation of a locked case at its village, with proof (R-125, R-128).

    Raises NotTheAuthority, StepsMissing, WrongState, Unacceptable.
    """
    casework.require_own_office(caller, case)
    policy = casework.policy_of(tx, case)
    if not is_posted_after_decision(policy):
        raise StepsMissing([Step.PUBLICITY])
    casework.require_way(case, Move.POST)
    if faults := posting_faults(posting, case, local_day(now)):
        raise Unacceptable(faults)
    assert case.decision is not None, "only what is decided may be posted"
    publicity = posted(posting, policy, publicity_id=new_id("pub"), by=caller.subject)
    await records.add_publicity(tx, case, publicity, posting, case.decision.decision_id, now=now)
    (kept,) = await casework.keep(tx, [replace(case.move(Move.POST), publicity=publicity)])
    tx.audit(
        Act.PUBLICITY_POSTED,
        subject=case.case_id,
        office=case.office,
        details={
            "publicity": publicity.publicity_id,
            "posted_on": publicity.posted_on.isoformat(),
            "ended_on": publicity.ended_on.isoformat(),
            "photos": len(posting.photos),
        },
    )
    return kept, publicity.publicity_id


async def record_objection(
    tx: Transaction, caller: Caller, case: Case, objection: Objection, *, now: datetime
) -> tuple[Case, str]:
    """An objection ends the publicity of a locked case, which is surveyed and confirmed anew (R-127, R-135).

    Raises WrongState, Unacceptable.
    """
    casework.require_way(case, Move.OBJECT)
    publicity, decision = case.publicity, case.decision
    assert publicity is not None, "a case under publicity has its posting"
    assert decision is not None, "only what is decided was posted"
    if faults := objection_faults(objection, publicity, now):
        raise Unacceptable(faults)
    objection_id = new_id("obj")
    await records.add_objection(tx, case, publicity.publicity_id, objection, objection_id, by=caller.subject, now=now)
    again = replace(case.move(Move.OBJECT), survey_round=case.survey_round + 1, survey=None, is_doubtful=True)
    (kept,) = await casework.keep(tx, [again])
    tx.audit(
        Act.OBJECTION_RECORDED,
        subject=case.case_id,
        office=case.office,
        details={"objection": objection_id, "about": objection.about, "from": objection.source},
    )
    casework.say_held(tx, kept, decision, "objection", now)
    return kept, objection_id
