"""Payments (发放): from a decision to money on a card, once.

Owns      entitlements, rosters, attempts to pay, the ledger, reconciliations
Hears     decision.made, certificate.issued
Says      roster.locked, payment.settled
Promises  an intent is written before the bank is asked, and the bank is asked before anything is sent again; a month of
          a household is paid once; what was signed for cannot change unnoticed; all books agree to the fen
"""
