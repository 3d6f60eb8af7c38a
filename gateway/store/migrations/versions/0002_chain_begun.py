"""The chain has a beginning: an event that is missed where a chain was emptied and goes on from nothing."""

from datetime import UTC, datetime

from alembic import context
from sqlalchemy import select

from gateway.review import audit
from gateway.store import events, schema

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    tx = context.config.attributes["transaction"]
    entries = tx.execute(select(schema.chain_head.c.seq)).scalar() or 0
    events.append(tx, audit.begun(datetime.now(UTC), entries=entries))


def downgrade() -> None:
    """Leave the event: nothing is taken from the chain."""
