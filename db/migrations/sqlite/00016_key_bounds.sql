-- +goose Up

-- How many requests per second a key may make; 0: as many as the installation lets every key make.
ALTER TABLE api_keys ADD COLUMN requests_per_second integer NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE api_keys DROP COLUMN requests_per_second;
