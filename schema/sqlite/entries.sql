-- What the ledger keeps. Numbers are an entry's index (idx), which SQL keeps as a reserved word.
-- Triggers stop accidents; that nothing was altered is shown by the chain (ledger verify).

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What proves an entry's place: kept for ever. hash is SHA-256 of a zero byte and the leaf.
CREATE TABLE entry (
    idx INTEGER PRIMARY KEY,
    leaf TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;

-- What an entry tells: its event, and the digests of its private values.
CREATE TABLE body (
    idx INTEGER PRIMARY KEY,
    bytes TEXT NOT NULL
) STRICT;

-- The private values, each as a disclosure ["salt","name",value]. other is a JSON array of those
-- that have no column of their own.
CREATE TABLE private (
    idx INTEGER PRIMARY KEY,
    actor TEXT,
    author TEXT,
    requestor TEXT,
    tester TEXT,
    executed_as TEXT,
    title TEXT,
    message TEXT,
    reason TEXT,
    error TEXT,
    command TEXT,
    host TEXT,
    principal_name TEXT,
    other TEXT
) STRICT;

-- Scripts and outputs by SHA-256 of their bytes.
CREATE TABLE attachment (
    number INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

-- Finds an attachment by its digest. Not UNIQUE: REPLACE would then delete without a trigger.
CREATE INDEX attachment_digest ON attachment (digest);

-- What the last entry, if it is a redaction, lets go: the members that it names, of the entries that
-- it is about. Nothing else can ever be erased.
CREATE VIEW erasable AS
SELECT json_extract(about.value, '$.entry') AS idx, member.value AS member
FROM body, json_each(body.bytes, '$.event.about') AS about,
    json_each(body.bytes, '$.event.redaction.members') AS member
WHERE body.idx = (SELECT max(idx) FROM entry)
    AND json_extract(body.bytes, '$.event.type') = 'redaction';

-- What stays of the bodies of archived entries, since answers about now read it (Remainder.swift).
-- archive is the entry that names the archive, and the digest of all that it carried over.
CREATE TABLE carried (
    idx INTEGER PRIMARY KEY,
    archive INTEGER NOT NULL,
    bytes TEXT NOT NULL
) STRICT;

-- What did this archive carry over?
CREATE INDEX carried_archive ON carried (archive);

-- What the last entry, if it is an archive or a restore, may move.
CREATE VIEW moving AS
SELECT idx AS mover,
    json_extract(bytes, '$.event.type') AS type,
    json_extract(bytes, '$.event.archive.first') AS first,
    json_extract(bytes, '$.event.archive.last') AS last
FROM body
WHERE idx = (SELECT max(idx) FROM entry)
    AND json_extract(bytes, '$.event.type') IN ('archive', 'restore');

CREATE TRIGGER meta_insert BEFORE INSERT ON meta
WHEN EXISTS (SELECT 1 FROM meta WHERE name = NEW.name)
BEGIN SELECT RAISE(ABORT, 'ledger: settings of the ledger never change'); END;

CREATE TRIGGER meta_update BEFORE UPDATE ON meta WHEN OLD.name <> 'projection'
BEGIN SELECT RAISE(ABORT, 'ledger: settings of the ledger never change'); END;

CREATE TRIGGER meta_delete BEFORE DELETE ON meta
BEGIN SELECT RAISE(ABORT, 'ledger: settings of the ledger never change'); END;

CREATE TRIGGER entry_insert BEFORE INSERT ON entry
WHEN NEW.idx IS NOT (SELECT coalesce(max(idx), -1) + 1 FROM entry)
BEGIN SELECT RAISE(ABORT, 'ledger: an entry must have the next index'); END;

CREATE TRIGGER entry_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'ledger: entries never change'); END;

CREATE TRIGGER entry_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'ledger: entries never change'); END;

-- A body comes with its entry, or back from an archive.
CREATE TRIGGER body_insert BEFORE INSERT ON body
WHEN EXISTS (SELECT 1 FROM body WHERE idx = NEW.idx)
    OR (NEW.idx IS NOT (SELECT max(idx) FROM entry)
        AND NOT EXISTS (SELECT 1 FROM carried, moving
            WHERE idx = NEW.idx AND type = 'restore' AND NEW.idx BETWEEN first AND last))
BEGIN SELECT RAISE(ABORT, 'ledger: a body belongs to the last entry'); END;

CREATE TRIGGER body_update BEFORE UPDATE ON body
BEGIN SELECT RAISE(ABORT, 'ledger: bodies never change'); END;

-- It goes where something was carried over by the archive that is the last entry.
CREATE TRIGGER body_delete BEFORE DELETE ON body
WHEN NOT EXISTS (SELECT 1 FROM carried, moving
    WHERE idx = OLD.idx AND type = 'archive' AND archive = mover)
BEGIN SELECT RAISE(ABORT, 'ledger: bodies never change'); END;

CREATE TRIGGER private_insert BEFORE INSERT ON private
WHEN EXISTS (SELECT 1 FROM private WHERE idx = NEW.idx)
    OR (NEW.idx IS NOT (SELECT max(idx) FROM entry)
        AND NOT EXISTS (SELECT 1 FROM carried, moving
            WHERE idx = NEW.idx AND NEW.idx BETWEEN first AND last))
BEGIN SELECT RAISE(ABORT, 'ledger: private values belong to the last entry'); END;

CREATE TRIGGER private_update BEFORE UPDATE ON private
WHEN NEW.idx IS NOT OLD.idx
    OR (NEW.actor IS NOT OLD.actor AND (NEW.actor IS NOT NULL
        OR 'actor' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.author IS NOT OLD.author AND (NEW.author IS NOT NULL
        OR 'author' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.requestor IS NOT OLD.requestor AND (NEW.requestor IS NOT NULL
        OR 'requestor' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.tester IS NOT OLD.tester AND (NEW.tester IS NOT NULL
        OR 'tester' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.executed_as IS NOT OLD.executed_as AND (NEW.executed_as IS NOT NULL
        OR 'executed_as' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.title IS NOT OLD.title AND (NEW.title IS NOT NULL
        OR 'title' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.message IS NOT OLD.message AND (NEW.message IS NOT NULL
        OR 'message' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.reason IS NOT OLD.reason AND (NEW.reason IS NOT NULL
        OR 'reason' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.error IS NOT OLD.error AND (NEW.error IS NOT NULL
        OR 'error' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.command IS NOT OLD.command AND (NEW.command IS NOT NULL
        OR 'command' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.host IS NOT OLD.host AND (NEW.host IS NOT NULL
        OR 'host' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.principal_name IS NOT OLD.principal_name AND (NEW.principal_name IS NOT NULL
        OR 'principal_name' NOT IN (SELECT member FROM erasable WHERE idx = OLD.idx)))
    OR (NEW.other IS NOT OLD.other AND NEW.other IS NOT (
        SELECT nullif(json_group_array(json(value)), '[]') FROM json_each(OLD.other)
        WHERE json_extract(value, '$[1]') NOT IN
            (SELECT member FROM erasable WHERE idx = OLD.idx)))
BEGIN SELECT RAISE(ABORT, 'ledger: private values never change'); END;

CREATE TRIGGER private_delete BEFORE DELETE ON private
WHEN NOT EXISTS (SELECT 1 FROM carried, moving
    WHERE idx = OLD.idx AND OLD.idx BETWEEN first AND last)
BEGIN SELECT RAISE(ABORT, 'ledger: private values never change'); END;

CREATE TRIGGER attachment_insert BEFORE INSERT ON attachment
WHEN EXISTS (SELECT 1 FROM attachment WHERE digest = NEW.digest)
    OR EXISTS (SELECT 1 FROM attachment WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'ledger: attachments never change'); END;

CREATE TRIGGER attachment_update BEFORE UPDATE ON attachment
BEGIN SELECT RAISE(ABORT, 'ledger: attachments never change'); END;

-- Its bytes go before the value that names them.
CREATE TRIGGER attachment_delete BEFORE DELETE ON attachment
WHEN NOT EXISTS (
    SELECT 1 FROM erasable JOIN body ON body.idx = erasable.idx
    LEFT JOIN private ON private.idx = erasable.idx
    WHERE 'sha256:' || lower(hex(OLD.digest)) = CASE erasable.member
        WHEN 'attachment:script' THEN json_extract(body.bytes, '$.event.change.digest')
        WHEN 'attachment:rollback_script'
            THEN json_extract(body.bytes, '$.event.rollback.script_digest')
        ELSE (SELECT json_extract(value, '$[2].digest') FROM json_each(private.other)
            WHERE json_extract(value, '$[1]') = erasable.member)
        END)
    AND NOT EXISTS (SELECT 1 FROM moving WHERE type = 'archive')
BEGIN SELECT RAISE(ABORT, 'ledger: attachments never change'); END;

CREATE TRIGGER carried_insert BEFORE INSERT ON carried
WHEN EXISTS (SELECT 1 FROM carried WHERE idx = NEW.idx)
    OR NOT EXISTS (SELECT 1 FROM body, moving
        WHERE idx = NEW.idx AND type = 'archive' AND mover = NEW.archive
            AND NEW.idx BETWEEN first AND last)
BEGIN SELECT RAISE(ABORT, 'ledger: only an archive carries over'); END;

CREATE TRIGGER carried_update BEFORE UPDATE ON carried
BEGIN SELECT RAISE(ABORT, 'ledger: what is carried over never changes'); END;

CREATE TRIGGER carried_delete BEFORE DELETE ON carried
WHEN NOT EXISTS (SELECT 1 FROM body, moving
    WHERE idx = OLD.idx AND type = 'restore' AND OLD.idx BETWEEN first AND last)
BEGIN SELECT RAISE(ABORT, 'ledger: what is carried over stays until it is restored'); END;

-- For people with sqlite3 or Datasette: one row per event, with its private values.
CREATE VIEW history AS
SELECT
    body.idx AS idx,
    strftime('%Y-%m-%dT%H:%M:%fZ', json_extract(entry.leaf, '$.time') / 1000.0, 'unixepoch')
        AS recorded,
    json_extract(body.bytes, '$.event.time') AS time,
    json_extract(body.bytes, '$.event.type') AS type,
    json_extract(body.bytes, '$.event.service') AS service,
    json_extract(body.bytes, '$.event.environment') AS environment,
    json_extract(body.bytes, '$.event.tenant') AS tenant,
    json_extract(body.bytes, '$.event.region') AS region,
    json_extract(body.bytes, '$.event.cluster') AS cluster,
    json_extract(body.bytes, '$.event.database') AS database,
    json_extract(body.bytes, '$.event.change.id') AS change,
    json_extract(body.bytes, '$.event.change.name') AS change_name,
    json_extract(body.bytes, '$.event.change.digest') AS script_digest,
    json_extract(body.bytes, '$.event.change.ticket') AS ticket,
    json_extract(body.bytes, '$.event.deployment.id') AS deployment,
    json_extract(body.bytes, '$.event.deployment.operation') AS operation,
    json_extract(body.bytes, '$.event.deployment.status') AS status,
    json_extract(body.bytes, '$.event.deployment.started') AS started,
    json_extract(body.bytes, '$.event.deployment.ended') AS ended,
    json_extract(body.bytes, '$.event.deployment.duration_ms') AS duration_ms,
    json_extract(body.bytes, '$.event.deployment.exit_code') AS exit_code,
    json_extract(body.bytes, '$.event.rollback.strategy') AS rollback_strategy,
    json_extract(body.bytes, '$.event.review.decision') AS review,
    json_extract(body.bytes, '$.event.git.repository') AS repository,
    json_extract(body.bytes, '$.event.git.commit') AS git_commit,
    json_extract(body.bytes, '$.event.git.path') AS path,
    json_extract(body.bytes, '$.event.trigger.kind') AS trigger_kind,
    json_extract(body.bytes, '$.event.trigger.run') AS run,
    json_extract(private.actor, '$[2].id') AS actor,
    json_extract(private.author, '$[2].id') AS author,
    json_extract(private.requestor, '$[2].id') AS requestor,
    json_extract(private.tester, '$[2].id') AS tester,
    json_extract(private.executed_as, '$[2]') AS executed_as,
    json_extract(private.title, '$[2]') AS title,
    json_extract(private.message, '$[2]') AS message,
    json_extract(private.reason, '$[2]') AS reason,
    json_extract(private.error, '$[2]') AS error,
    json_extract(private.command, '$[2]') AS command,
    json_extract(private.host, '$[2]') AS host,
    json_extract(body.bytes, '$.principal.kind') AS principal_kind,
    json_extract(body.bytes, '$.principal.id') AS principal_id,
    json_extract(private.principal_name, '$[2]') AS principal_name,
    json_extract(body.bytes, '$.event.source') AS source,
    json_extract(body.bytes, '$.event.id') AS id,
    lower(hex(entry.hash)) AS hash,
    body.bytes AS body
FROM (SELECT idx, bytes FROM body UNION ALL SELECT idx, bytes FROM carried) AS body
JOIN entry ON entry.idx = body.idx
LEFT JOIN private ON private.idx = body.idx;
