"""Passwords that opened something in a send."""

import sqlalchemy as sa
from alembic import op

from gateway.store.schema import Instant

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        'passwords',
        sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
        sa.Column('send_id', sa.String(length=32), nullable=False),
        sa.Column('source', sa.String(length=16), nullable=False),
        sa.Column('told_by', sa.String(length=32), nullable=True),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.Column('at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['send_id'], ['sends.id'], name=op.f('fk_passwords_send_id_sends')),
        sa.PrimaryKeyConstraint('number', name=op.f('pk_passwords')),
    )
    op.create_index(op.f('ix_passwords_send_id'), 'passwords', ['send_id'], unique=False)
    op.create_index(op.f('ix_passwords_told_by'), 'passwords', ['told_by'], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_table('passwords')
