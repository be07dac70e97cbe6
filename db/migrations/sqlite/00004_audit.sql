-- +goose Up

-- Who did what to what, when, from where. Nothing of a citizen: ids and codes only.
CREATE TABLE audit_entries (
    id          text        NOT NULL PRIMARY KEY,
    at          datetime    NOT NULL,
    actor_kind  text        NOT NULL CHECK (actor_kind IN ('application', 'user', 'system', 'nobody')),
    actor_id    text        NOT NULL,
    actor_name  text        NOT NULL,
    address     text        NOT NULL,
    -- Whose the object is; NULL: nobody's in particular.
    ente_id     text,
    action      text        NOT NULL,
    object_kind text        NOT NULL,
    object_id   text        NOT NULL,
    detail      text        NOT NULL
);
CREATE INDEX audit_entries_newest ON audit_entries (at DESC, id DESC);
CREATE INDEX audit_entries_ente ON audit_entries (ente_id, at DESC, id DESC);
CREATE INDEX audit_entries_object ON audit_entries (object_id, at DESC, id DESC);
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, at DESC, id DESC);
CREATE INDEX audit_entries_action ON audit_entries (action, at DESC, id DESC);

-- The dialect's own:
-- +goose StatementBegin
CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'append-only');
END;
-- +goose StatementEnd
-- The same in both again.

-- +goose Down
DROP TABLE audit_entries;
-- The dialect's own:
-- The same in both again.
