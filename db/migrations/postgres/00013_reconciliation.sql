-- +goose Up

-- One comparison of database, Temporal and providers. Its id is the run id of its workflow.
CREATE TABLE reconciliations (
    id         uuid        PRIMARY KEY,
    by_id      text        NOT NULL,
    by_name    text        NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    results    jsonb NOT NULL,
    sums       jsonb NOT NULL
);
CREATE INDEX reconciliations_newest ON reconciliations (started_at DESC, id DESC);

-- What did not agree. One check has one finding about a thing: seen again, it is opened again. No foreign keys: a finding may
-- be about what is not there, and must not keep anything from being removed.
CREATE TABLE reconciliation_findings (
    id                 uuid        PRIMARY KEY,
    check_name         text        NOT NULL,
    code               text        NOT NULL,
    subject            text        NOT NULL,
    subject_id         text        NOT NULL,
    notification_id    uuid,
    ente_id            uuid,
    action             text        NOT NULL CHECK (action IN ('repaired', 'person', 'gone')),
    lasting            boolean     NOT NULL,
    repairs            integer     NOT NULL CHECK (repairs >= 0),
    detail             jsonb NOT NULL,
    first_seen         timestamptz NOT NULL,
    last_seen          timestamptz NOT NULL,
    run_id             uuid NOT NULL,
    resolved_at        timestamptz,
    acknowledged_at    timestamptz,
    acknowledged_by_id text        NOT NULL,
    acknowledged_by    text        NOT NULL,
    note               text        NOT NULL,
    CHECK ((action = 'person') = (resolved_at IS NULL)),
    UNIQUE (check_name, subject_id)
);
CREATE INDEX reconciliation_findings_newest ON reconciliation_findings (last_seen DESC, id DESC);
CREATE INDEX reconciliation_findings_open ON reconciliation_findings (last_seen DESC, id DESC) WHERE resolved_at IS NULL;

-- The hand-overs of the last days, in the order in which they were made. When a call was made hardly ever changes, so that
-- noting its outcome costs no more than before.
CREATE INDEX attempts_called ON attempts (called_at, id) WHERE called_at IS NOT NULL;
-- What has not ended, of which there is little.
CREATE INDEX batches_open ON batches (id) WHERE ended_at IS NULL;
CREATE INDEX interventions_open ON interventions (id) WHERE ended_at IS NULL;

-- +goose Down
DROP INDEX interventions_open;
DROP INDEX batches_open;
DROP INDEX attempts_called;
DROP TABLE reconciliation_findings;
DROP TABLE reconciliations;
