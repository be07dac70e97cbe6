-- +goose Up

-- What a person may do, and for whom. users.role and users.ente_id are what a person began with: the version before this
-- one still reads them.
CREATE TABLE memberships (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users (id),
    role       text        NOT NULL
        CHECK (role IN ('operator', 'administrator', 'support', 'auditor', 'system_administrator')),
    -- NULL: all Enti.
    ente_id    uuid        REFERENCES enti (id),
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX memberships_in_ente ON memberships (user_id, role, ente_id) WHERE ente_id IS NOT NULL;
CREATE UNIQUE INDEX memberships_across ON memberships (user_id, role) WHERE ente_id IS NULL;
CREATE INDEX memberships_ente ON memberships (ente_id);

INSERT INTO memberships (id, user_id, role, ente_id, created_at)
SELECT id, id, role, ente_id, created_at FROM users;

ALTER TABLE users ADD COLUMN last_sign_in_at timestamptz;

-- A link that lets a person choose a password, once.
CREATE TABLE invitations (
    user_id    uuid        PRIMARY KEY REFERENCES users (id),
    token_hash bytea       NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE second_factors (
    user_id    uuid        PRIMARY KEY REFERENCES users (id),
    secret     bytea       NOT NULL,
    -- The time step of the last code that was accepted: none is accepted twice.
    last_step  bigint      NOT NULL,
    -- Wrong codes in a row, and since when they count.
    failures   bigint      NOT NULL,
    failing_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE recovery_codes (
    user_id   uuid NOT NULL REFERENCES users (id),
    code_hash bytea NOT NULL,
    used_at   timestamptz,
    PRIMARY KEY (user_id, code_hash)
);

-- Who somebody is for another provider of identities: its issuer and its name for the person, as a keyed hash.
CREATE TABLE identities (
    subject_hash bytea       PRIMARY KEY,
    issuer       text        NOT NULL,
    user_id      uuid        NOT NULL REFERENCES users (id),
    created_at   timestamptz NOT NULL
);
CREATE INDEX identities_user ON identities (user_id);

-- Whose a session is; NULL before anybody has signed in.
ALTER TABLE sessions ADD COLUMN user_id uuid REFERENCES users (id);
ALTER TABLE sessions ADD COLUMN started_at timestamptz;
ALTER TABLE sessions ADD COLUMN seen_at timestamptz;
ALTER TABLE sessions ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN user_agent text NOT NULL DEFAULT '';
CREATE INDEX sessions_user ON sessions (user_id);

-- +goose Down
DROP INDEX sessions_user;
ALTER TABLE sessions DROP COLUMN user_agent;
ALTER TABLE sessions DROP COLUMN address;
ALTER TABLE sessions DROP COLUMN seen_at;
ALTER TABLE sessions DROP COLUMN started_at;
ALTER TABLE sessions DROP COLUMN user_id;
DROP TABLE identities;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
DROP TABLE invitations;
ALTER TABLE users DROP COLUMN last_sign_in_at;
DROP TABLE memberships;
