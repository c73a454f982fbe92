"""The whole platform on one machine, without containers: PostgreSQL, Kafka, simulator and services.

`python -m deploy.local --help` is the command line; `deploy.local.platform.LocalPlatform` is the library behind it.
This file stays empty of imports, because `deploy.local.bootstrap` runs before any package is installed.
"""
