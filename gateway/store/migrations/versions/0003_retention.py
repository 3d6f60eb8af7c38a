"""When a send was over, and when its contents were purged."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from gateway.store.schema import Instant

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up; what is over already counts from now on, since nobody wrote down when it ended."""
    op.add_column('sends', sa.Column('finished_at', Instant(), nullable=True))
    op.add_column('sends', sa.Column('purged_at', Instant(), nullable=True))
    op.create_index(op.f('ix_sends_finished_at'), 'sends', ['finished_at'], unique=False)
    sends = sa.table('sends', sa.column('state', sa.String()), sa.column('finished_at', Instant()))
    over = sends.c.state.in_(('DONE', 'REJECTED', 'EXPIRED', 'WITHDRAWN'))
    op.execute(sends.update().where(over).values(finished_at=datetime.now(UTC)))


def downgrade() -> None:
    """Take it back."""
    op.drop_index(op.f('ix_sends_finished_at'), 'sends')
    with op.batch_alter_table('sends', schema=None) as batch_op:
        batch_op.drop_column('purged_at')
        batch_op.drop_column('finished_at')
