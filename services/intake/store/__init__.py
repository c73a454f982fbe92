"""How applications are kept: a row each, with all that names a person sealed in it, and a claim for each member.

`filing` turns an application into what is kept and back, `applications` and `claims` speak SQL.
"""
