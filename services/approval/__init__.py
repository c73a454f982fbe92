"""Approval (审批): survey, appraisal, publicity, spot checks and the decision, each within its time.

Owns      cases from the report to the decision: surveys, appraisals, publicities, spot checks, decisions, complaints
Hears     report.issued, and how payments were settled
Says      decisions
Promises  people decide, never a flag; no step is skipped, no clock forgotten, every refusal gives its reasons
"""
