-- +goose Up

-- How many calls app IO allows the Ente in five seconds.
ALTER TABLE enti ADD COLUMN io_calls integer NOT NULL DEFAULT 150 CHECK (io_calls BETWEEN 1 AND 100000);

-- What recipient and content are recognised by, as a keyed hash.
ALTER TABLE notifications ADD COLUMN content_hash bytea;
CREATE INDEX notifications_content ON notifications (ente_id, content_hash, accepted_at) WHERE content_hash IS NOT NULL;
CREATE INDEX notifications_batch_progress ON notifications (batch_id, status, channel) WHERE batch_id IS NOT NULL;
CREATE INDEX notifications_batch_open ON notifications (batch_id, id) WHERE batch_id IS NOT NULL AND settled_at IS NULL;
CREATE INDEX notifications_batch_settled ON notifications (batch_id, settled_at)
    WHERE batch_id IS NOT NULL AND settled_at IS NOT NULL;

CREATE TABLE batches (
    id                 uuid        PRIMARY KEY,
    ente_id            uuid        NOT NULL,
    service_id         uuid        NOT NULL,
    template_id        uuid        NOT NULL,
    template_version   integer     NOT NULL CHECK (template_version >= 1),
    name               text        NOT NULL,
    file_name          text        NOT NULL,
    file_size          bigint      NOT NULL CHECK (file_size >= 0),
    status             text        NOT NULL CHECK (status IN ('checking', 'mapping', 'unreadable', 'draft', 'scheduled',
                                   'sending', 'paused', 'completed', 'cancelled', 'discarded')),
    problem            text        NOT NULL,
    priority           text        NOT NULL CHECK (priority IN ('urgent', 'normal', 'bulk')),
    check_number       integer     NOT NULL CHECK (check_number >= 1),
    layout             jsonb,
    counts             jsonb       NOT NULL,
    sample             jsonb       NOT NULL,
    include_duplicates boolean     NOT NULL,
    -- Counted when the batch is confirmed: its rows do not change after that.
    to_send            integer     CHECK (to_send >= 0),
    created_by         text        NOT NULL,
    created_at         timestamptz NOT NULL,
    checked_at         timestamptz,
    confirmed_at       timestamptz,
    send_at            timestamptz,
    started_at         timestamptz,
    ended_at           timestamptz,
    key_hash           bytea,
    request_hash       bytea,
    -- The outbox: which of its workflows has to be started, and since when.
    check_due          boolean     NOT NULL,
    sample_due         boolean     NOT NULL,
    send_due           boolean     NOT NULL,
    queued_at          timestamptz,
    emptied            boolean     NOT NULL,
    CHECK ((ended_at IS NOT NULL) = (status IN ('unreadable', 'completed', 'cancelled', 'discarded'))),
    CHECK ((key_hash IS NULL) = (request_hash IS NULL)),
    UNIQUE (ente_id, key_hash),
    -- The compound key makes it impossible to send with another Ente's service.
    FOREIGN KEY (service_id, ente_id) REFERENCES services (id, ente_id)
);
CREATE INDEX batches_newest ON batches (created_at DESC, id DESC);
CREATE INDEX batches_ente ON batches (ente_id, created_at DESC, id DESC);
CREATE INDEX batches_keys ON batches (created_at) WHERE key_hash IS NOT NULL;
CREATE INDEX batches_unstarted ON batches (queued_at) WHERE check_due OR sample_due OR send_due;
CREATE INDEX batches_kept ON batches (ended_at) WHERE ended_at IS NOT NULL AND NOT emptied;

CREATE TABLE batch_chunks (
    batch_id uuid    NOT NULL REFERENCES batches (id),
    number   integer NOT NULL CHECK (number >= 0),
    data     bytea   NOT NULL,
    PRIMARY KEY (batch_id, number)
);

CREATE TABLE batch_rows (
    batch_id        uuid    NOT NULL REFERENCES batches (id),
    number          integer NOT NULL CHECK (number >= 1),
    state           text    NOT NULL CHECK (state IN ('good', 'bad', 'duplicate')),
    -- No foreign key: the notification is written when the row is handed to delivery.
    notification_id uuid    UNIQUE,
    payload         bytea   NOT NULL,
    issues          jsonb,
    repairs         jsonb,
    duplicate_of    integer NOT NULL CHECK (duplicate_of >= 0),
    content_hash    bytea,
    sms_parts       integer NOT NULL CHECK (sms_parts >= 0),
    CHECK (state = 'bad' OR notification_id IS NOT NULL),
    PRIMARY KEY (batch_id, number)
);
CREATE INDEX batch_rows_state ON batch_rows (batch_id, state, number);
CREATE INDEX batch_rows_repaired ON batch_rows (batch_id, number) WHERE repairs IS NOT NULL;

CREATE TABLE bulk_requests (
    ente_id      uuid        NOT NULL REFERENCES enti (id),
    key_hash     bytea       NOT NULL,
    request_hash bytea       NOT NULL,
    answer       bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (ente_id, key_hash)
);
CREATE INDEX bulk_requests_created_at ON bulk_requests (created_at);

-- +goose Down
DROP TABLE bulk_requests;
DROP TABLE batch_rows;
DROP TABLE batch_chunks;
DROP TABLE batches;
DROP INDEX notifications_batch_settled;
DROP INDEX notifications_batch_open;
DROP INDEX notifications_batch_progress;
DROP INDEX notifications_content;
ALTER TABLE notifications DROP COLUMN content_hash;
ALTER TABLE enti DROP COLUMN io_calls;
