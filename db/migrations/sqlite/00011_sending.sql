-- +goose Up

-- To whom somebody sends a notification to try it out: the own codice fiscale and phone, encrypted.
CREATE TABLE test_recipients (
    user_id    text        NOT NULL PRIMARY KEY REFERENCES users (id),
    recipient  blob        NOT NULL,
    created_at datetime    NOT NULL
);

-- What an act is about in general: "service." of "service.update".
CREATE INDEX audit_entries_group
    ON audit_entries (rtrim(action, 'abcdefghijklmnopqrstuvwxyz_'), at DESC, id DESC);
CREATE INDEX audit_entries_ente_group
    ON audit_entries (ente_id, rtrim(action, 'abcdefghijklmnopqrstuvwxyz_'), at DESC, id DESC);
CREATE INDEX audit_entries_ente_actor ON audit_entries (ente_id, actor_id, at DESC, id DESC);
CREATE INDEX audit_entries_address ON audit_entries (address, at DESC, id DESC);

-- +goose Down
DROP INDEX audit_entries_address;
DROP INDEX audit_entries_ente_actor;
DROP INDEX audit_entries_ente_group;
DROP INDEX audit_entries_group;
DROP TABLE test_recipients;
