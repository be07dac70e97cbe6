-- +goose Up

CREATE TABLE templates (
    id          uuid        PRIMARY KEY,
    ente_id     uuid        NOT NULL REFERENCES enti (id),
    -- The latest one, which lists show.
    version     integer     NOT NULL CHECK (version >= 1),
    archived_at timestamptz
);
CREATE INDEX templates_ente ON templates (ente_id);

-- Versions are never changed: what was sent refers to the one it was made of. The texts are the Ente's, without personal data.
CREATE TABLE template_versions (
    template_id uuid        NOT NULL REFERENCES templates (id),
    version     integer     NOT NULL CHECK (version >= 1),
    name        text        NOT NULL,
    texts       jsonb       NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (template_id, version)
);

-- In which language the citizen is addressed; empty: not known, or there is only Italian.
ALTER TABLE notifications ADD COLUMN language text NOT NULL DEFAULT '' CHECK (language IN ('', 'it', 'en'));

-- +goose Down
ALTER TABLE notifications DROP COLUMN language;
DROP TABLE template_versions;
DROP TABLE templates;
