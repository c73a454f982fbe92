"""Payments (发放): from a decision to money on a card, once.

Owns      benefits, rosters, disbursements, reconciliations, recoveries
Hears     decisions
Says      rosters and settlements
Promises  an intent is written before the bank is asked; nothing is paid twice; all books agree to the fen
"""
