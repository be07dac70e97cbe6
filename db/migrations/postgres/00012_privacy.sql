-- +goose Up

-- How many days after its end a notification keeps its content, and how many the notification itself stays.
ALTER TABLE enti ADD COLUMN content_days integer NOT NULL DEFAULT 90 CHECK (content_days >= 1);
ALTER TABLE enti ADD COLUMN outcome_days integer NOT NULL DEFAULT 730 CHECK (outcome_days >= content_days);

-- When content and phone were removed, and when the citizen was: the columns that held them hold empty values then, encrypted
-- as any other.
ALTER TABLE notifications ADD COLUMN content_removed_at timestamptz;
ALTER TABLE notifications ADD COLUMN erased_at timestamptz;
-- What a retention run looks for. A settled notification is in one of the two.
CREATE INDEX notifications_content_due ON notifications (ente_id, settled_at)
    WHERE settled_at IS NOT NULL AND content_removed_at IS NULL;
CREATE INDEX notifications_outcome_due ON notifications (ente_id, settled_at)
    WHERE settled_at IS NOT NULL AND content_removed_at IS NOT NULL;
-- A notification that goes is looked for here by its foreign key.
CREATE INDEX idempotency_keys_notification ON idempotency_keys (notification_id);
CREATE INDEX batches_emptied ON batches (ended_at) WHERE ended_at IS NOT NULL AND emptied;
CREATE INDEX interventions_ended ON interventions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX invitations_expires_at ON invitations (expires_at);

-- What retention removed, run by run. Numbers only.
CREATE TABLE retention_runs (
    id         uuid        PRIMARY KEY,
    status     text        NOT NULL CHECK (status IN ('running', 'completed', 'failed')),
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    CHECK ((ended_at IS NULL) = (status = 'running'))
);
CREATE INDEX retention_runs_newest ON retention_runs (started_at DESC, id DESC);

CREATE TABLE retention_counts (
    run_id  uuid    NOT NULL REFERENCES retention_runs (id),
    -- The nil id: nobody's in particular.
    ente_id uuid    NOT NULL,
    kind    text    NOT NULL,
    total   bigint  NOT NULL CHECK (total >= 0),
    -- Something could not be removed; the next run tries again.
    failed  boolean NOT NULL,
    PRIMARY KEY (run_id, ente_id, kind)
);

-- Somebody asked for what is held about a citizen to be erased. The row is its workflow's outbox.
CREATE TABLE erasures (
    id          uuid        PRIMARY KEY,
    -- Whose notifications alone are meant; NULL: those of all Enti.
    ente_id     uuid        REFERENCES enti (id),
    -- Encrypted; NULL once it is not needed any more.
    fiscal_code bytea,
    why         text        NOT NULL,
    open_ones   text        NOT NULL CHECK (open_ones IN ('cancel', 'wait')),
    status      text        NOT NULL CHECK (status IN ('running', 'completed')),
    by_id       text        NOT NULL,
    by_name     text        NOT NULL,
    created_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    start_due   boolean     NOT NULL,
    -- What was there when it was asked for, and what was erased since.
    found         integer NOT NULL CHECK (found >= 0),
    notifications integer NOT NULL CHECK (notifications >= 0),
    batch_rows    integer NOT NULL CHECK (batch_rows >= 0),
    checks        integer NOT NULL CHECK (checks >= 0),
    -- What still waits for its end, and the drafts that hold the citizen and wait for a person.
    waiting       integer NOT NULL CHECK (waiting >= 0),
    drafts        jsonb   NOT NULL,
    CHECK ((ended_at IS NULL) = (status = 'running')),
    CHECK ((fiscal_code IS NULL) = (status = 'completed'))
);
CREATE INDEX erasures_newest ON erasures (created_at DESC, id DESC);
CREATE INDEX erasures_ente ON erasures (ente_id, created_at DESC, id DESC);
CREATE INDEX erasures_unstarted ON erasures (created_at) WHERE start_due;

-- The audit log is append-only for five years, and then goes.
-- The dialect's own:
DROP TRIGGER audit_entries_append_only ON audit_entries;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries
    FOR EACH ROW WHEN (OLD.at > now() - interval '5 years') EXECUTE FUNCTION refuse_change();
-- The same in both again.

-- +goose Down
-- The dialect's own:
DROP TRIGGER audit_entries_kept ON audit_entries;
DROP TRIGGER audit_entries_append_only ON audit_entries;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- The same in both again.
DROP TABLE erasures;
DROP TABLE retention_counts;
DROP TABLE retention_runs;
DROP INDEX invitations_expires_at;
DROP INDEX interventions_ended;
DROP INDEX batches_emptied;
DROP INDEX idempotency_keys_notification;
DROP INDEX notifications_outcome_due;
DROP INDEX notifications_content_due;
ALTER TABLE notifications DROP COLUMN erased_at;
ALTER TABLE notifications DROP COLUMN content_removed_at;
ALTER TABLE enti DROP COLUMN outcome_days;
ALTER TABLE enti DROP COLUMN content_days;
