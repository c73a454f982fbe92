"""Intake (受理): takes a household's application, declaration and consents, or says at once everything that is missing.

Owns      applications, members, declarations, consents, materials, the key that names a person
Hears     nothing
Says      application.submitted, application.withdrawn, consent.withdrawn
Promises  no application is said before every member's consent is on file; what is missing is told once and completely;
          a person stands in one open application per kind of aid; what names a person is kept and sent sealed
"""
