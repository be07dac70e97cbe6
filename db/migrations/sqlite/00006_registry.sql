-- +goose Up

-- Whether an Ente sends is still said by "active"; "state" says where it stands, and the two agree.
ALTER TABLE enti ADD COLUMN state text NOT NULL DEFAULT 'active'
    CHECK (state IN ('requested', 'adhering', 'active', 'suspended', 'left'));
UPDATE enti SET state = 'suspended' WHERE NOT active;
ALTER TABLE enti ADD COLUMN state_since datetime;
ALTER TABLE enti ADD COLUMN state_reason text NOT NULL DEFAULT '' CHECK (active = (state = 'active'));
ALTER TABLE enti ADD COLUMN agreement_version text NOT NULL DEFAULT '';
-- A day, such as 2026-11-26; empty: not signed yet.
ALTER TABLE enti ADD COLUMN agreement_signed_on text NOT NULL DEFAULT '';
ALTER TABLE enti ADD COLUMN contact_name text NOT NULL DEFAULT '';
ALTER TABLE enti ADD COLUMN contact_email text NOT NULL DEFAULT '';
-- Each change counts it up, so that whoever changes what somebody else changed meanwhile is told.
ALTER TABLE enti ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1);

ALTER TABLE services ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1);

-- What may be known of a service's keys of IO, which are encrypted in services.io_keys.
CREATE TABLE service_io_keys (
    service_id text NOT NULL REFERENCES services (id),
    slot       text NOT NULL CHECK (slot IN ('primary', 'secondary')),
    -- It counts the keys that the slot has held, so that the test of an earlier one says nothing of the next.
    number     integer NOT NULL CHECK (number >= 1),
    set_at     datetime NOT NULL,
    tested_at  datetime,
    outcome    text NOT NULL CHECK (outcome IN ('', 'works', 'refused', 'forbidden', 'no_answer')),
    PRIMARY KEY (service_id, slot)
);
INSERT INTO service_io_keys (service_id, slot, number, set_at, outcome)
    SELECT id, 'primary', 1, created_at, '' FROM services;

-- +goose Down
DROP TABLE service_io_keys;
ALTER TABLE services DROP COLUMN version;
ALTER TABLE enti DROP COLUMN version;
ALTER TABLE enti DROP COLUMN contact_email;
ALTER TABLE enti DROP COLUMN contact_name;
ALTER TABLE enti DROP COLUMN agreement_signed_on;
ALTER TABLE enti DROP COLUMN agreement_version;
ALTER TABLE enti DROP COLUMN state_reason;
ALTER TABLE enti DROP COLUMN state_since;
ALTER TABLE enti DROP COLUMN state;
