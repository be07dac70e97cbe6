-- +goose Up

-- Figures by Italian day of acceptance: how the notifications ended, the parts of the SMS that were handed over, and how long
-- it took to hand over to IO and to deliver. There are sums of each service, of each Ente, with a nil service, and of the whole
-- gateway, with two nil ids: whoever asks for all of an Ente reads no service's. Times are not told by service.
CREATE TABLE daily_figures (
    ente_id    uuid    NOT NULL,
    day        text    NOT NULL,
    measure    text    NOT NULL CHECK (measure IN ('settled', 'sms_parts', 'to_io', 'to_delivery')),
    service_id uuid    NOT NULL,
    status     text    NOT NULL,
    channel    text    NOT NULL,
    reason     text    NOT NULL,
    -- Of times: up to 1.2 to the power of it, in milliseconds. 0: no time.
    bucket     integer NOT NULL CHECK (bucket >= 0),
    total      bigint  NOT NULL,
    PRIMARY KEY (ente_id, service_id, measure, day, status, channel, reason, bucket)
);

-- What the figures do not hold yet. Triggers write it with the very change that it is about, so that the figures and these
-- changes together are exact at any time; folding moves a change from here into the figures. hour is that of acceptance, in UTC:
-- Italian days begin with a whole hour. Of what settles as delivered, bucket is the time to delivery.
CREATE TABLE figure_changes (
    -- The dialect's own:
    id         bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    -- The same in both again.
    ente_id    uuid    NOT NULL,
    service_id uuid    NOT NULL,
    hour       text    NOT NULL,
    measure    text    NOT NULL CHECK (measure IN ('settled', 'sms_parts', 'to_io')),
    status     text    NOT NULL,
    channel    text    NOT NULL,
    reason     text    NOT NULL,
    bucket     integer NOT NULL CHECK (bucket >= 0),
    total      integer NOT NULL
);

-- Lists by reason ask for what did not go well: the others are nearly all, and their reasons tell nothing.
CREATE INDEX notifications_reason ON notifications (reason, accepted_at DESC, id DESC)
    WHERE reason NOT IN ('', 'io_delivered', 'sms_delivered');
-- What is open is counted as it is.
CREATE INDEX notifications_open ON notifications (ente_id, accepted_at, service_id, status, reason) WHERE settled_at IS NULL;

-- The dialect's own:
-- +goose StatementBegin
CREATE FUNCTION figure_hour(accepted_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(accepted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION figure_bucket(accepted_at timestamptz, send_at timestamptz, ended_at timestamptz) RETURNS integer
    LANGUAGE sql IMMUTABLE AS $$
    SELECT greatest(1, ceil(ln(greatest(1, extract(epoch FROM ended_at - greatest(accepted_at, send_at)) * 1000)::double precision)
        / ln(1.2::double precision)))::integer
$$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION settled_bucket(status text, accepted_at timestamptz, send_at timestamptz, settled_at timestamptz) RETURNS integer
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN status = 'delivered' THEN figure_bucket(accepted_at, send_at, settled_at) ELSE 0 END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION note_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.settled_at IS NOT NULL THEN
        INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
        VALUES (OLD.ente_id, OLD.service_id, figure_hour(OLD.accepted_at), 'settled', OLD.status, OLD.channel, OLD.reason,
            settled_bucket(OLD.status, OLD.accepted_at, OLD.send_at, OLD.settled_at), -1);
    END IF;

    IF NEW.settled_at IS NOT NULL THEN
        INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
        VALUES (NEW.ente_id, NEW.service_id, figure_hour(NEW.accepted_at), 'settled', NEW.status, NEW.channel, NEW.reason,
            settled_bucket(NEW.status, NEW.accepted_at, NEW.send_at, NEW.settled_at), 1);
    END IF;

    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER notifications_born_settled AFTER INSERT ON notifications
    FOR EACH ROW WHEN (NEW.settled_at IS NOT NULL) EXECUTE FUNCTION note_settlement();
CREATE TRIGGER notifications_settled AFTER UPDATE OF status, reason, channel, settled_at ON notifications
    FOR EACH ROW WHEN ((OLD.settled_at IS NOT NULL OR NEW.settled_at IS NOT NULL) AND (OLD.settled_at IS DISTINCT FROM NEW.settled_at
        OR OLD.status <> NEW.status OR OLD.reason <> NEW.reason OR OLD.channel <> NEW.channel))
    EXECUTE FUNCTION note_settlement();

-- +goose StatementBegin
CREATE FUNCTION note_hand_over() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parts  integer := 0;
    handed boolean := NEW.channel = 'io' AND NEW.sent_at IS NOT NULL;
BEGIN
    IF NEW.channel = 'sms' AND NEW.sent_at IS NOT NULL THEN
        parts := NEW.segments;
    END IF;

    IF TG_OP = 'UPDATE' AND OLD.sent_at IS NOT NULL THEN
        handed := false;

        IF NEW.channel = 'sms' THEN
            parts := parts - OLD.segments;
        END IF;
    END IF;

    IF parts <> 0 THEN
        INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
        SELECT ente_id, service_id, figure_hour(accepted_at), 'sms_parts', '', 'sms', '', 0, parts
        FROM notifications WHERE id = NEW.notification_id;
    END IF;

    IF handed THEN
        -- Of several hand-overs the first counts.
        INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
        SELECT ente_id, service_id, figure_hour(accepted_at), 'to_io', '', 'io', '', figure_bucket(accepted_at, send_at, NEW.sent_at), 1
        FROM notifications WHERE id = NEW.notification_id AND NOT EXISTS (SELECT FROM attempts
            WHERE notification_id = NEW.notification_id AND channel = 'io' AND sent_at IS NOT NULL AND id <> NEW.id);
    END IF;

    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER attempts_born_sent AFTER INSERT ON attempts
    FOR EACH ROW WHEN (NEW.sent_at IS NOT NULL) EXECUTE FUNCTION note_hand_over();
CREATE TRIGGER attempts_sent AFTER UPDATE OF sent_at, segments ON attempts
    FOR EACH ROW WHEN (NEW.sent_at IS NOT NULL AND (OLD.sent_at IS NULL OR OLD.segments <> NEW.segments))
    EXECUTE FUNCTION note_hand_over();

-- What is there already.
INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
SELECT ente_id, service_id, figure_hour(accepted_at), 'settled', status, channel, reason,
    settled_bucket(status, accepted_at, send_at, settled_at), 1
FROM notifications WHERE settled_at IS NOT NULL;
INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
SELECT n.ente_id, n.service_id, figure_hour(n.accepted_at), 'sms_parts', '', 'sms', '', 0, a.segments
FROM attempts a JOIN notifications n ON n.id = a.notification_id
WHERE a.channel = 'sms' AND a.sent_at IS NOT NULL AND a.segments > 0;
INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
SELECT n.ente_id, n.service_id, figure_hour(n.accepted_at), 'to_io', '', 'io', '', figure_bucket(n.accepted_at, n.send_at, a.first), 1
FROM (SELECT notification_id, min(sent_at) AS first FROM attempts WHERE channel = 'io' AND sent_at IS NOT NULL GROUP BY notification_id) a
JOIN notifications n ON n.id = a.notification_id;
-- The same in both again.

-- +goose Down
-- The dialect's own:
DROP TRIGGER attempts_sent ON attempts;
DROP TRIGGER attempts_born_sent ON attempts;
DROP TRIGGER notifications_settled ON notifications;
DROP TRIGGER notifications_born_settled ON notifications;
DROP FUNCTION note_hand_over;
DROP FUNCTION note_settlement;
DROP FUNCTION settled_bucket;
DROP FUNCTION figure_bucket;
DROP FUNCTION figure_hour;
-- The same in both again.
DROP INDEX notifications_open;
DROP INDEX notifications_reason;
DROP TABLE figure_changes;
DROP TABLE daily_figures;
