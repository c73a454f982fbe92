"""Verification (核对): is what the household declared what the agencies know?

Owns      checks, what agencies answered, flags (疑点) and their resolutions, reports in versions, correction tickets
Hears     application.submitted, application.withdrawn, consent.withdrawn, agency.answered, agency.silent
Says      check.opened, report.issued
Promises  every check gets a report by its deadline, answered or not, and says what is missing; a raised flag never
          disappears; an issued report never changes; a report informs, it never decides
"""
