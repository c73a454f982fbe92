"""Approval (审批): survey, opinion, decision, publicity and spot checks, each within its time.

Owns      cases from the report to the first payment: surveys, payees, opinions, decisions, publicities, objections,
          certificates, refusal notices, spot checks, review tasks
Hears     report.issued, application.withdrawn, payment.settled
Says      decision.made, certificate.issued
Promises  people decide, never a flag; one decision per case version, by somebody who did not prepare it; no step of the
          region's order is skipped; no money before the publicity has passed; every refusal gives its reasons
"""
