-- +goose Up

-- What was paused, by whom and why. Rows stay: how long a channel was paused counts when a deadline is looked at.
CREATE TABLE pauses (
    id             uuid        PRIMARY KEY,
    scope          text        NOT NULL CHECK (scope IN ('channel', 'ente_channel', 'ente', 'service')),
    channel        text        NOT NULL CHECK (channel IN ('', 'io', 'sms')),
    ente_id        uuid        REFERENCES enti (id),
    service_id     uuid        REFERENCES services (id),
    why            text        NOT NULL,
    by_id          text        NOT NULL,
    by_name        text        NOT NULL,
    since          timestamptz NOT NULL,
    until          timestamptz,
    lifted_at      timestamptz,
    lifted_by_id   text        NOT NULL,
    lifted_by_name text        NOT NULL,
    CHECK ((channel <> '') = (scope IN ('channel', 'ente_channel'))),
    CHECK ((ente_id IS NULL) = (scope = 'channel')),
    CHECK ((service_id IS NOT NULL) = (scope = 'service'))
);
CREATE INDEX pauses_newest ON pauses (since DESC, id DESC);
CREATE INDEX pauses_open ON pauses (since) WHERE lifted_at IS NULL;

-- An act done to many notifications. The row is its workflow's outbox. The filter has nothing of a citizen.
CREATE TABLE interventions (
    id              uuid        PRIMARY KEY,
    -- Whose notifications are meant; NULL: of several Enti.
    ente_id         uuid        REFERENCES enti (id),
    act             text        NOT NULL CHECK (act IN ('retry', 'decide', 'resume', 'hold', 'cancel')),
    choice          text        NOT NULL,
    filter          jsonb       NOT NULL,
    why             text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('collecting', 'running', 'completed', 'stopped')),
    by_id           text        NOT NULL,
    by_name         text        NOT NULL,
    by_role         text        NOT NULL,
    by_ente_id      uuid,
    matched         integer     NOT NULL CHECK (matched >= 0),
    expected        integer     NOT NULL CHECK (expected >= 0),
    -- NULL while they are being listed.
    total           integer     CHECK (total >= 0),
    created_at      timestamptz NOT NULL,
    started_at      timestamptz,
    ended_at        timestamptz,
    stopped_by_id   text        NOT NULL,
    stopped_by_name text        NOT NULL,
    start_due       boolean     NOT NULL,
    CHECK ((ended_at IS NOT NULL) = (status IN ('completed', 'stopped')))
);
CREATE INDEX interventions_newest ON interventions (created_at DESC, id DESC);
CREATE INDEX interventions_ente ON interventions (ente_id, created_at DESC, id DESC);
CREATE INDEX interventions_unstarted ON interventions (created_at) WHERE start_due;

CREATE TABLE intervention_items (
    intervention_id uuid        NOT NULL REFERENCES interventions (id),
    number          integer     NOT NULL CHECK (number >= 1),
    notification_id uuid        NOT NULL REFERENCES notifications (id),
    state           text        NOT NULL CHECK (state IN ('waiting', 'acting', 'done', 'skipped', 'failed')),
    code            text        NOT NULL,
    at              timestamptz,
    PRIMARY KEY (intervention_id, number),
    UNIQUE (intervention_id, notification_id)
);
CREATE INDEX intervention_items_state ON intervention_items (intervention_id, state, code);
CREATE INDEX intervention_items_notification ON intervention_items (notification_id);

-- The batch that this one sets right, for the same audience.
ALTER TABLE batches ADD COLUMN corrects uuid;
CREATE INDEX batches_corrects ON batches (corrects) WHERE corrects IS NOT NULL;

-- +goose Down
DROP INDEX batches_corrects;
ALTER TABLE batches DROP COLUMN corrects;
DROP TABLE intervention_items;
DROP TABLE interventions;
DROP TABLE pauses;
