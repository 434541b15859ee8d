"""Two tabs send what was asked before the session at once: it counts once; and a page saved meanwhile is refused."""

from __future__ import annotations

from sqlalchemy import select

from practice.audit import AuditEntry
from practice.database import db
from practice.intake import actions, completing, queries
from practice.intake.messages import IntakeCompleted
from practice.intake.models import Intake
from practice.outbox import OutboxMessage
from practice.work import begin_work
from tests.support.intake import MORE, send, walk_more
from tests.support.racing import race
