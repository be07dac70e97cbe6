-- +goose Up

-- Under which index key a keyed hash was made whose value is kept nowhere, so that it cannot be made again: whoever wants to
-- do without a key has to know. NULL: by a version that did not note it.
ALTER TABLE idempotency_keys ADD COLUMN index_key bigint;
ALTER TABLE bulk_requests ADD COLUMN index_key bigint;
ALTER TABLE batches ADD COLUMN index_key bigint;
ALTER TABLE identities ADD COLUMN index_key bigint;
ALTER TABLE recovery_codes ADD COLUMN index_key bigint;

-- +goose Down
ALTER TABLE recovery_codes DROP COLUMN index_key;
ALTER TABLE identities DROP COLUMN index_key;
ALTER TABLE batches DROP COLUMN index_key;
ALTER TABLE bulk_requests DROP COLUMN index_key;
ALTER TABLE idempotency_keys DROP COLUMN index_key;
