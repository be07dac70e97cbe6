-- +goose Up

-- Personal data (recipients, content, keys of IO) is kept in bytea columns encrypted by the application;
-- the *_hash columns are keyed hashes (blind indexes), so that equality can be searched without decrypting.

CREATE TABLE enti (
    id          uuid        PRIMARY KEY,
    name        text        NOT NULL,
    fiscal_code text        NOT NULL UNIQUE,
    active      boolean     NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE TABLE services (
    id                uuid        PRIMARY KEY,
    ente_id           uuid        NOT NULL REFERENCES enti (id),
    name              text        NOT NULL,
    active            boolean     NOT NULL,
    io_service_id     text        NOT NULL,
    policy            jsonb       NOT NULL,
    max_payment_cents bigint      NOT NULL CHECK (max_payment_cents >= 0),
    sms_sender        text        NOT NULL,
    io_keys           bytea       NOT NULL,
    created_at        timestamptz NOT NULL,
    UNIQUE (id, ente_id)
);
CREATE INDEX services_ente ON services (ente_id);

CREATE TABLE api_keys (
    id           uuid        PRIMARY KEY,
    ente_id      uuid        NOT NULL REFERENCES enti (id),
    name         text        NOT NULL,
    prefix       text        NOT NULL,
    secret_hash  bytea       NOT NULL UNIQUE,
    service_ids  jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_keys_ente ON api_keys (ente_id);

CREATE TABLE users (
    id            uuid        PRIMARY KEY,
    email         text        NOT NULL UNIQUE,
    name          text        NOT NULL,
    password_hash text        NOT NULL,
    role          text        NOT NULL
        CHECK (role IN ('operator', 'administrator', 'support', 'auditor', 'system_administrator')),
    ente_id       uuid        REFERENCES enti (id),
    active        boolean     NOT NULL,
    created_at    timestamptz NOT NULL
);

CREATE TABLE sessions (
    token_hash bytea       PRIMARY KEY,
    data       bytea       NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_expires_at ON sessions (expires_at);

CREATE TABLE notifications (
    id                 uuid        PRIMARY KEY,
    ente_id            uuid        NOT NULL,
    service_id         uuid        NOT NULL,
    batch_id           text,
    external_reference text,
    recipient          bytea       NOT NULL,
    content            bytea       NOT NULL,
    fiscal_code_hash   bytea       NOT NULL,
    phone_hash         bytea,
    policy             jsonb       NOT NULL,
    priority           text        NOT NULL CHECK (priority IN ('urgent', 'normal', 'bulk')),
    status             text        NOT NULL CHECK (status IN ('accepted', 'scheduled', 'in_progress', 'on_hold',
                                   'delivered', 'not_delivered', 'failed', 'cancelled', 'expired')),
    reason             text        NOT NULL,
    channel            text        NOT NULL CHECK (channel IN ('', 'io', 'sms')),
    accepted_at        timestamptz NOT NULL,
    queued_at          timestamptz NOT NULL,
    send_at            timestamptz,
    expires_at         timestamptz,
    settled_at         timestamptz,
    run                integer     NOT NULL CHECK (run >= 1),
    started_run        integer     NOT NULL CHECK (started_run BETWEEN 0 AND run),
    archived           boolean     NOT NULL,
    CHECK ((settled_at IS NOT NULL) = (status IN ('delivered', 'not_delivered', 'failed', 'cancelled', 'expired'))),
    -- The compound key makes it impossible to send with another Ente's service.
    FOREIGN KEY (service_id, ente_id) REFERENCES services (id, ente_id)
);
CREATE INDEX notifications_newest ON notifications (accepted_at DESC, id DESC);
CREATE INDEX notifications_status ON notifications (status, accepted_at DESC, id DESC);
CREATE INDEX notifications_ente ON notifications (ente_id, accepted_at DESC, id DESC);
CREATE INDEX notifications_ente_status ON notifications (ente_id, status, accepted_at DESC, id DESC);
CREATE INDEX notifications_service ON notifications (service_id, accepted_at DESC, id DESC);
CREATE INDEX notifications_fiscal_code ON notifications (fiscal_code_hash, accepted_at DESC, id DESC);
CREATE INDEX notifications_phone ON notifications (phone_hash, accepted_at DESC, id DESC) WHERE phone_hash IS NOT NULL;
CREATE INDEX notifications_reference ON notifications (external_reference, accepted_at DESC, id DESC)
    WHERE external_reference IS NOT NULL;
CREATE INDEX notifications_batch ON notifications (batch_id, accepted_at DESC, id DESC) WHERE batch_id IS NOT NULL;
CREATE INDEX notifications_unstarted ON notifications (queued_at)
    WHERE started_run < run AND status IN ('accepted', 'scheduled');
CREATE INDEX notifications_ente_unstarted ON notifications (ente_id, queued_at)
    WHERE started_run < run AND status IN ('accepted', 'scheduled');
CREATE INDEX notifications_unarchived ON notifications (settled_at) WHERE settled_at IS NOT NULL AND NOT archived;

CREATE TABLE runs (
    notification_id uuid        NOT NULL REFERENCES notifications (id),
    number          integer     NOT NULL CHECK (number >= 1),
    run_id          text        NOT NULL,
    started_at      timestamptz NOT NULL,
    PRIMARY KEY (notification_id, number)
);

CREATE TABLE attempts (
    id              uuid        PRIMARY KEY,
    notification_id uuid        NOT NULL REFERENCES notifications (id),
    channel         text        NOT NULL CHECK (channel IN ('io', 'sms')),
    ordinal         integer     NOT NULL CHECK (ordinal >= 1),
    status          text        NOT NULL
        CHECK (status IN ('pending', 'sending', 'sent', 'delivered', 'failed', 'skipped', 'uncertain')),
    reason          text        NOT NULL,
    provider_id     text,
    provider_status text        NOT NULL,
    calls           integer     NOT NULL CHECK (calls >= 0),
    segments        integer     NOT NULL CHECK (segments >= 0),
    started_at      timestamptz NOT NULL,
    called_at       timestamptz,
    sent_at         timestamptz,
    settled_at      timestamptz,
    UNIQUE (notification_id, channel, ordinal)
);
-- A provider's message belongs to one attempt only.
CREATE UNIQUE INDEX attempts_provider ON attempts (channel, provider_id) WHERE provider_id IS NOT NULL;

CREATE TABLE idempotency_keys (
    ente_id         uuid        NOT NULL REFERENCES enti (id),
    key_hash        bytea       NOT NULL,
    request_hash    bytea       NOT NULL,
    -- Deferred: the key is claimed before the notification is written, so that a replay costs no insert.
    notification_id uuid        NOT NULL REFERENCES notifications (id) DEFERRABLE INITIALLY DEFERRED,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (ente_id, key_hash)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

CREATE TABLE recipient_checks (
    id          uuid        PRIMARY KEY,
    ente_id     uuid        NOT NULL,
    service_id  uuid        NOT NULL,
    fiscal_code bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    FOREIGN KEY (service_id, ente_id) REFERENCES services (id, ente_id)
);
CREATE INDEX recipient_checks_created_at ON recipient_checks (created_at);

CREATE TABLE timelines (
    notification_id uuid        PRIMARY KEY REFERENCES notifications (id),
    timeline        text        NOT NULL,
    saved_at        timestamptz NOT NULL
);

CREATE TABLE provider_events (
    id              uuid        PRIMARY KEY,
    attempt_id      uuid        NOT NULL REFERENCES attempts (id),
    provider_status text        NOT NULL,
    occurred_at     timestamptz NOT NULL
);
CREATE INDEX provider_events_attempt ON provider_events (attempt_id, occurred_at, id);

-- +goose Down
DROP TABLE provider_events;
DROP TABLE timelines;
DROP TABLE recipient_checks;
DROP TABLE idempotency_keys;
DROP TABLE attempts;
DROP TABLE runs;
DROP TABLE notifications;
DROP TABLE sessions;
DROP TABLE users;
DROP TABLE api_keys;
DROP TABLE services;
DROP TABLE enti;
