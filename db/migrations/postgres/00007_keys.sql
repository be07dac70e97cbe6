-- +goose Up

-- The networks from which a key may be used; none: from anywhere.
ALTER TABLE api_keys ADD COLUMN ip_ranges jsonb NOT NULL DEFAULT '[]';
-- Counts the changes, for whoever changes a key that somebody else has changed meanwhile.
ALTER TABLE api_keys ADD COLUMN version integer NOT NULL DEFAULT 1;
-- The key that takes this one's place; NULL: none.
ALTER TABLE api_keys ADD COLUMN successor_id uuid;

-- An Ente's key to IO's Manage API, kept where the Ente wishes it. Encrypted.
CREATE TABLE manage_keys (
    ente_id  uuid        PRIMARY KEY REFERENCES enti (id),
    io_key   bytea       NOT NULL,
    saved_at timestamptz NOT NULL
);

-- A reading of the services that an Ente has on IO. The manage key goes when the reading ends. Encrypted.
CREATE TABLE service_imports (
    id         uuid        PRIMARY KEY,
    ente_id    uuid        NOT NULL REFERENCES enti (id),
    manage_key bytea,
    state      text        NOT NULL CHECK (state IN ('running', 'ready', 'failed', 'imported', 'forgotten')),
    -- Why it failed, or what it waits for.
    problem    text        NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at   timestamptz
);
CREATE INDEX service_imports_ente ON service_imports (ente_id, created_at);
CREATE INDEX service_imports_created_at ON service_imports (created_at);

-- What a reading found, until it is imported or a day has passed. Names and keys are encrypted.
CREATE TABLE staged_services (
    import_id     uuid    NOT NULL REFERENCES service_imports (id),
    io_service_id text    NOT NULL,
    -- The order in which IO lists them.
    number        integer NOT NULL,
    details       bytea   NOT NULL,
    lifecycle     text    NOT NULL,
    publication   text    NOT NULL,
    io_keys       bytea,
    problem       text    NOT NULL,
    PRIMARY KEY (import_id, io_service_id)
);

-- +goose Down
DROP TABLE staged_services;
DROP TABLE service_imports;
DROP TABLE manage_keys;
ALTER TABLE api_keys DROP COLUMN successor_id;
ALTER TABLE api_keys DROP COLUMN version;
ALTER TABLE api_keys DROP COLUMN ip_ranges;
