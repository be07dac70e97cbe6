-- +goose Up

-- Who did what to what, when, from where. Nothing of a citizen: ids and codes only.
CREATE TABLE audit_entries (
    id          uuid        PRIMARY KEY,
    at          timestamptz NOT NULL,
    actor_kind  text        NOT NULL CHECK (actor_kind IN ('application', 'user', 'system', 'nobody')),
    actor_id    text        NOT NULL,
    actor_name  text        NOT NULL,
    address     text        NOT NULL,
    -- Whose the object is; NULL: nobody's in particular.
    ente_id     uuid,
    action      text        NOT NULL,
    object_kind text        NOT NULL,
    object_id   text        NOT NULL,
    detail      jsonb       NOT NULL
);
CREATE INDEX audit_entries_newest ON audit_entries (at DESC, id DESC);
CREATE INDEX audit_entries_ente ON audit_entries (ente_id, at DESC, id DESC);
CREATE INDEX audit_entries_object ON audit_entries (object_id, at DESC, id DESC);
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, at DESC, id DESC);
CREATE INDEX audit_entries_action ON audit_entries (action, at DESC, id DESC);

-- The dialect's own:
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only' USING ERRCODE = 'check_violation';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- The same in both again.

-- +goose Down
DROP TABLE audit_entries;
-- The dialect's own:
DROP FUNCTION refuse_change();
-- The same in both again.
