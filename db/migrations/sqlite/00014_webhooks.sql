-- +goose Up

-- Where an Ente's application is told of events. A service's own takes the place of its Ente's. target is encrypted: the address,
-- which may be a secret in itself, and the secrets that sign. One that is removed stays for what was told, without its target.
CREATE TABLE webhooks (
    id             text        NOT NULL PRIMARY KEY,
    ente_id        text        NOT NULL REFERENCES enti (id),
    service_id     text        REFERENCES services (id),
    target         blob       NOT NULL,
    previous_until datetime,
    secret_set_at  datetime NOT NULL,
    state          text        NOT NULL CHECK (state IN ('on', 'off', 'gone', 'removed')),
    state_since    datetime NOT NULL,
    failures       integer     NOT NULL CHECK (failures >= 0),
    paused_until   datetime,
    version        integer     NOT NULL CHECK (version >= 1),
    created_at     datetime NOT NULL
);
CREATE UNIQUE INDEX webhooks_ente ON webhooks (ente_id) WHERE service_id IS NULL AND state <> 'removed';
CREATE UNIQUE INDEX webhooks_service ON webhooks (service_id) WHERE service_id IS NOT NULL AND state <> 'removed';
CREATE INDEX webhooks_of ON webhooks (ente_id, created_at);

-- What is told, and how that went. The row is its workflow's outbox. Nothing of a citizen is in it. The notification may be
-- removed before.
CREATE TABLE webhook_deliveries (
    id              text        NOT NULL PRIMARY KEY,
    webhook_id      text        NOT NULL REFERENCES webhooks (id),
    ente_id         text        NOT NULL REFERENCES enti (id),
    event           text        NOT NULL CHECK (event IN ('notification.settled', 'webhook.test')),
    notification_id text,
    run             integer     NOT NULL,
    status          text        NOT NULL,
    reason          text        NOT NULL,
    channel         text        NOT NULL,
    settled_at      datetime,
    state           text        NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    round           integer     NOT NULL CHECK (round >= 1),
    start_due       boolean     NOT NULL,
    tries           integer     NOT NULL CHECK (tries >= 0),
    fault           text        NOT NULL,
    http_status     integer     NOT NULL,
    duration_ms     integer     NOT NULL CHECK (duration_ms >= 0),
    tried_at        datetime,
    next_try_at     datetime,
    queued_at       datetime NOT NULL,
    created_at      datetime NOT NULL,
    ended_at        datetime,
    CHECK ((notification_id IS NOT NULL) = (event = 'notification.settled')),
    CHECK ((ended_at IS NULL) = (state = 'waiting'))
);
CREATE INDEX webhook_deliveries_unstarted ON webhook_deliveries (ente_id, queued_at) WHERE start_due;
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (webhook_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_notification ON webhook_deliveries (notification_id) WHERE notification_id IS NOT NULL;
CREATE INDEX webhook_deliveries_old ON webhook_deliveries (created_at);

-- A settlement is noted with the very change, whoever makes it.
-- The dialect's own:
-- A random UUID (RFC 9562, version 4).
-- +goose StatementBegin
CREATE TRIGGER webhooks_born_settled AFTER INSERT ON notifications
WHEN NEW.settled_at IS NOT NULL
BEGIN
    INSERT INTO webhook_deliveries (id, webhook_id, ente_id, event, notification_id, run, status, reason, channel, settled_at,
        state, round, start_due, tries, fault, http_status, duration_ms, queued_at, created_at)
    SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
        || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))), w.id, NEW.ente_id, 'notification.settled', NEW.id, NEW.run, NEW.status, NEW.reason, NEW.channel, NEW.settled_at,
        'waiting', 1, true, 0, '', 0, 0, NEW.settled_at, NEW.settled_at
    FROM webhooks w WHERE w.ente_id = NEW.ente_id AND w.state = 'on' AND (w.service_id = NEW.service_id OR w.service_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM webhooks own WHERE own.service_id = NEW.service_id AND own.state <> 'removed'));
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER webhooks_settled AFTER UPDATE OF status, reason, channel, settled_at ON notifications
WHEN NEW.settled_at IS NOT NULL AND OLD.settled_at IS NOT NEW.settled_at
BEGIN
    INSERT INTO webhook_deliveries (id, webhook_id, ente_id, event, notification_id, run, status, reason, channel, settled_at,
        state, round, start_due, tries, fault, http_status, duration_ms, queued_at, created_at)
    SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
        || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))), w.id, NEW.ente_id, 'notification.settled', NEW.id, NEW.run, NEW.status, NEW.reason, NEW.channel, NEW.settled_at,
        'waiting', 1, true, 0, '', 0, 0, NEW.settled_at, NEW.settled_at
    FROM webhooks w WHERE w.ente_id = NEW.ente_id AND w.state = 'on' AND (w.service_id = NEW.service_id OR w.service_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM webhooks own WHERE own.service_id = NEW.service_id AND own.state <> 'removed'));
END;
-- +goose StatementEnd
-- The same in both again.

-- +goose Down
-- The dialect's own:
DROP TRIGGER webhooks_settled;
DROP TRIGGER webhooks_born_settled;
-- The same in both again.
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
