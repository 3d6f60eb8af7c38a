"""Notices of failure are kept until they are sent."""

import sqlalchemy as sa
from alembic import op

from gateway.store.schema import Instant

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        'dsns',
        sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
        sa.Column('mail_id', sa.String(length=32), nullable=False),
        sa.Column('send_id', sa.String(length=32), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('due_at', Instant(), nullable=False),
        sa.PrimaryKeyConstraint('number', name=op.f('pk_dsns')),
    )
    op.create_index(op.f('ix_dsns_due_at'), 'dsns', ['due_at'], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_table('dsns')
