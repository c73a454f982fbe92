"""What is true about a check: plan, merge, income, property, flags, review, report. Pure:

no clock, no I/O, no database.
"""
