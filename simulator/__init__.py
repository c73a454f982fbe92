"""The world outside Hedui, mocked: people, fourteen agencies, named faults and the agencies' own ledger.

Owns     a deterministic synthetic population under region prefix 99, and the truth about what was planted in it.
Serves   /people and /truth for the township's script and for judges, /agencies/<agency>/v1 for the adapters, /admin for
tests.
Promises the same seed and household number give the same family for ever; every question is on disk before it is
answered.
Imports  `contracts` and libraries only; nothing of the product imports it.
"""
