"""Lines are found by their application. No index on their office: a plan made while the table is empty would take it
for every lookup, since the reader's range stands in each, and go on reading the whole table once it is large.
"""

from __future__ import annotations

from alembic import op

revision = "payments_0003"
down_revision = "payments_0002"


def upgrade() -> None:
    op.execute("drop index lines_office")
    op.execute("create index lines_application on lines (application_id, line_id)")
