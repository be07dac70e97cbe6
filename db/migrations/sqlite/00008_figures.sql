-- +goose Up

-- Figures by Italian day of acceptance: how the notifications ended, the parts of the SMS that were handed over, and how long
-- it took to hand over to IO and to deliver. There are sums of each service, of each Ente, with a nil service, and of the whole
-- gateway, with two nil ids: whoever asks for all of an Ente reads no service's. Times are not told by service.
CREATE TABLE daily_figures (
    ente_id    text    NOT NULL,
    day        text    NOT NULL,
    measure    text    NOT NULL CHECK (measure IN ('settled', 'sms_parts', 'to_io', 'to_delivery')),
    service_id text    NOT NULL,
    status     text    NOT NULL,
    channel    text    NOT NULL,
    reason     text    NOT NULL,
    -- Of times: up to 1.2 to the power of it, in milliseconds. 0: no time.
    bucket     integer NOT NULL CHECK (bucket >= 0),
    total      integer NOT NULL,
    PRIMARY KEY (ente_id, service_id, measure, day, status, channel, reason, bucket)
);

-- What the figures do not hold yet. Triggers write it with the very change that it is about, so that the figures and these
-- changes together are exact at any time; folding moves a change from here into the figures. hour is that of acceptance, in UTC:
-- Italian days begin with a whole hour. Of what settles as delivered, bucket is the time to delivery.
CREATE TABLE figure_changes (
    -- The dialect's own:
    id         integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    -- The same in both again.
    ente_id    text    NOT NULL,
    service_id text    NOT NULL,
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
CREATE TRIGGER notifications_born_settled AFTER INSERT ON notifications
WHEN NEW.settled_at IS NOT NULL
BEGIN
    INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
    SELECT NEW.ente_id, NEW.service_id, substr(NEW.accepted_at, 1, 13), 'settled', NEW.status, NEW.channel, NEW.reason,
        CASE WHEN NEW.status = 'delivered' THEN max(1, ceil(ln(max(1, (julianday(NEW.settled_at) - julianday(max(NEW.accepted_at, coalesce(NEW.send_at, NEW.accepted_at)))) * 86400000))
        / ln(1.2))) ELSE 0 END, 1 WHERE true;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER notifications_settled AFTER UPDATE OF status, reason, channel, settled_at ON notifications
WHEN (OLD.settled_at IS NOT NULL OR NEW.settled_at IS NOT NULL) AND (OLD.settled_at IS NOT NEW.settled_at
    OR OLD.status <> NEW.status OR OLD.reason <> NEW.reason OR OLD.channel <> NEW.channel)
BEGIN
    INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
    SELECT OLD.ente_id, OLD.service_id, substr(OLD.accepted_at, 1, 13), 'settled', OLD.status, OLD.channel, OLD.reason,
        CASE WHEN OLD.status = 'delivered' THEN max(1, ceil(ln(max(1, (julianday(OLD.settled_at) - julianday(max(OLD.accepted_at, coalesce(OLD.send_at, OLD.accepted_at)))) * 86400000))
        / ln(1.2))) ELSE 0 END, -1 WHERE OLD.settled_at IS NOT NULL;
    INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
    SELECT NEW.ente_id, NEW.service_id, substr(NEW.accepted_at, 1, 13), 'settled', NEW.status, NEW.channel, NEW.reason,
        CASE WHEN NEW.status = 'delivered' THEN max(1, ceil(ln(max(1, (julianday(NEW.settled_at) - julianday(max(NEW.accepted_at, coalesce(NEW.send_at, NEW.accepted_at)))) * 86400000))
        / ln(1.2))) ELSE 0 END, 1 WHERE NEW.settled_at IS NOT NULL;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER attempts_born_sent AFTER INSERT ON attempts
WHEN NEW.sent_at IS NOT NULL
BEGIN
    INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
    SELECT ente_id, service_id, substr(accepted_at, 1, 13), 'sms_parts', '', 'sms', '', 0, NEW.segments
    FROM notifications WHERE id = NEW.notification_id AND NEW.channel = 'sms' AND NEW.segments <> 0;
    -- Of several hand-overs the first counts.
    INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
    SELECT ente_id, service_id, substr(accepted_at, 1, 13), 'to_io', '', 'io', '', max(1, ceil(ln(max(1, (julianday(NEW.sent_at) - julianday(max(accepted_at, coalesce(send_at, accepted_at)))) * 86400000))
        / ln(1.2))), 1
    FROM notifications WHERE id = NEW.notification_id AND NEW.channel = 'io' AND NOT EXISTS (SELECT 1 FROM attempts
        WHERE notification_id = NEW.notification_id AND channel = 'io' AND sent_at IS NOT NULL AND id <> NEW.id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER attempts_sent AFTER UPDATE OF sent_at, segments ON attempts
WHEN NEW.sent_at IS NOT NULL AND (OLD.sent_at IS NULL OR OLD.segments <> NEW.segments)
BEGIN
    INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
    SELECT ente_id, service_id, substr(accepted_at, 1, 13), 'sms_parts', '', 'sms', '', 0, (NEW.segments - CASE WHEN OLD.sent_at IS NULL THEN 0 ELSE OLD.segments END)
    FROM notifications WHERE id = NEW.notification_id AND NEW.channel = 'sms' AND (NEW.segments - CASE WHEN OLD.sent_at IS NULL THEN 0 ELSE OLD.segments END) <> 0;
    -- Of several hand-overs the first counts.
    INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
    SELECT ente_id, service_id, substr(accepted_at, 1, 13), 'to_io', '', 'io', '', max(1, ceil(ln(max(1, (julianday(NEW.sent_at) - julianday(max(accepted_at, coalesce(send_at, accepted_at)))) * 86400000))
        / ln(1.2))), 1
    FROM notifications WHERE id = NEW.notification_id AND NEW.channel = 'io' AND OLD.sent_at IS NULL AND NOT EXISTS (SELECT 1 FROM attempts
        WHERE notification_id = NEW.notification_id AND channel = 'io' AND sent_at IS NOT NULL AND id <> NEW.id);
END;
-- +goose StatementEnd

-- What is there already.
INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
SELECT ente_id, service_id, substr(accepted_at, 1, 13), 'settled', status, channel, reason,
    CASE WHEN status = 'delivered' THEN max(1, ceil(ln(max(1, (julianday(settled_at) - julianday(max(accepted_at, coalesce(send_at, accepted_at)))) * 86400000))
        / ln(1.2))) ELSE 0 END, 1
FROM notifications WHERE settled_at IS NOT NULL;
INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
SELECT n.ente_id, n.service_id, substr(n.accepted_at, 1, 13), 'sms_parts', '', 'sms', '', 0, a.segments
FROM attempts a JOIN notifications n ON n.id = a.notification_id
WHERE a.channel = 'sms' AND a.sent_at IS NOT NULL AND a.segments > 0;
INSERT INTO figure_changes (ente_id, service_id, hour, measure, status, channel, reason, bucket, total)
SELECT n.ente_id, n.service_id, substr(n.accepted_at, 1, 13), 'to_io', '', 'io', '', max(1, ceil(ln(max(1, (julianday(a.first) - julianday(max(n.accepted_at, coalesce(n.send_at, n.accepted_at)))) * 86400000))
        / ln(1.2))), 1
FROM (SELECT notification_id, min(sent_at) AS first FROM attempts WHERE channel = 'io' AND sent_at IS NOT NULL GROUP BY notification_id) a
JOIN notifications n ON n.id = a.notification_id;
-- The same in both again.

-- +goose Down
-- The dialect's own:
DROP TRIGGER attempts_sent;
DROP TRIGGER attempts_born_sent;
DROP TRIGGER notifications_settled;
DROP TRIGGER notifications_born_settled;
-- The same in both again.
DROP INDEX notifications_open;
DROP INDEX notifications_reason;
DROP TABLE figure_changes;
DROP TABLE daily_figures;
