-- +goose Up

-- An Ente's lists by reason.
CREATE INDEX notifications_ente_reason ON notifications (ente_id, reason, accepted_at DESC, id DESC)
    WHERE reason NOT IN ('', 'io_delivered', 'sms_delivered');

-- Filters of the list that people keep under a name. The query is the list's address; it never holds a citizen's data.
CREATE TABLE saved_filters (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users (id),
    name       text        NOT NULL,
    query      text        NOT NULL,
    -- With whose people it is shared; NULL: it is its owner's alone.
    ente_id    uuid        REFERENCES enti (id),
    created_at timestamptz NOT NULL,
    UNIQUE (user_id, name)
);
CREATE INDEX saved_filters_ente ON saved_filters (ente_id) WHERE ente_id IS NOT NULL;

-- +goose Down
DROP TABLE saved_filters;
DROP INDEX notifications_ente_reason;
