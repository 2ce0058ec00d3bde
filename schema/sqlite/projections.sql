-- What is derived from the entries to answer fast. Never hashed, safe to drop: ledger reindex
-- builds it again. A change of anything here needs a new ProjectionSchema.version.

-- The last entry of each stream.
CREATE TABLE stream (
    id BLOB NOT NULL PRIMARY KEY,
    entries INTEGER NOT NULL,
    head BLOB NOT NULL,
    recorded INTEGER NOT NULL,
    service TEXT,
    environment TEXT,
    tenant TEXT,
    region TEXT,
    cluster TEXT
) STRICT, WITHOUT ROWID;

-- How many targets a service has been heard from in an environment, by what their names have: shape
-- is the sum of 1 for a tenant, 2 for a region and 4 for a cluster; and by the day, of those since
-- 1970, on which their last entry was recorded.
CREATE TABLE heard (
    service TEXT NOT NULL,
    environment TEXT NOT NULL,
    shape INTEGER NOT NULL,
    day INTEGER NOT NULL,
    targets INTEGER NOT NULL,
    PRIMARY KEY (service, environment, shape, day)
) STRICT, WITHOUT ROWID;

-- The changes that events speak of; strategy is that of the last plan for all targets, and said tells
-- that it is somebody's word: what is only inferred never takes its place. It was merged at first, and
-- merged is the index of the last merge that brought it.
CREATE TABLE change (
    service TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    strategy TEXT,
    said INTEGER NOT NULL,
    repeatable INTEGER NOT NULL,
    merged_at INTEGER,
    merged INTEGER,
    PRIMARY KEY (service, id)
) STRICT, WITHOUT ROWID;

-- How far each change has come: on how many targets of an environment it stands in a state, as the
-- last deployment on each says. The other columns are of the state 'applied' alone, and of all
-- deployments that ever applied it there: the first and the last, the index of the last, the longest;
-- and how many of the targets are sure to have the script of the last.
CREATE TABLE progress (
    service TEXT NOT NULL,
    environment TEXT NOT NULL,
    change TEXT NOT NULL,
    state TEXT NOT NULL,
    targets INTEGER NOT NULL,
    first_at INTEGER,
    last_at INTEGER,
    last INTEGER,
    longest_ms INTEGER,
    alike INTEGER NOT NULL,
    PRIMARY KEY (service, environment, change, state)
) STRICT, WITHOUT ROWID;

-- Was this source and id recorded before? identity is the first 8 bytes of SHA-256([source,id]).
CREATE TABLE seen (
    identity INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    PRIMARY KEY (identity, idx)
) STRICT, WITHOUT ROWID;

-- The newest rows of seen. Its keys are random, and each new one would touch a page of its own:
-- here they follow each other, until many move at once.
CREATE TABLE seen_recent (
    idx INTEGER PRIMARY KEY,
    identity INTEGER NOT NULL
) STRICT;

-- Which objects a script names, by the script's digest as in event.digest: for scripts whose bytes
-- are attached. schema is '' where the script names none.
CREATE TABLE touched (
    digest TEXT NOT NULL,
    name TEXT NOT NULL COLLATE NOCASE,
    schema TEXT NOT NULL COLLATE NOCASE,
    kind TEXT NOT NULL,
    action TEXT NOT NULL,
    PRIMARY KEY (digest, name, schema, kind, action)
) STRICT, WITHOUT ROWID;

-- What changed on this table?
CREATE INDEX touched_name ON touched (name, schema);

-- The text of each script that a merge brought, as SHA-256 of its tokens (lsd1): for scripts whose
-- bytes are attached. idx is the first merge that brought it.
CREATE TABLE merge_text (
    service TEXT NOT NULL,
    text BLOB NOT NULL,
    change TEXT NOT NULL,
    idx INTEGER NOT NULL,
    PRIMARY KEY (service, text, change)
) STRICT, WITHOUT ROWID;

-- From which environments a database was reached: address is 8 bytes of SHA-256 of host/database, of
-- deployments that name both. The first few of each place are enough to show it.
CREATE TABLE connection (
    address INTEGER NOT NULL,
    service TEXT NOT NULL,
    environment TEXT NOT NULL,
    idx INTEGER NOT NULL,
    PRIMARY KEY (address, service, environment, idx)
) STRICT, WITHOUT ROWID;

-- Which entries speak of an entry: corrections, redactions, reviews, notes.
CREATE TABLE about (
    entry INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    PRIMARY KEY (entry, idx)
) STRICT, WITHOUT ROWID;

-- One row per event. Times are milliseconds since 1970; at is when it happened, or when it was
-- recorded if time_known is 0. latest is 0 for the start of a deployment whose end is known:
-- first is then, in the row of the end, the index of the start. Of the declaration of a target, name
-- is its address.
CREATE TABLE event (
    idx INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    time_known INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    type TEXT NOT NULL,
    service TEXT,
    environment TEXT,
    tenant TEXT,
    region TEXT,
    cluster TEXT,
    database TEXT,
    change TEXT,
    name TEXT,
    digest TEXT,
    ticket TEXT,
    operation TEXT,
    status TEXT,
    trigger_kind TEXT,
    strategy TEXT,
    duration_ms INTEGER,
    deployment INTEGER,
    latest INTEGER NOT NULL,
    first INTEGER,
    corrected_by INTEGER,
    attempt INTEGER
) STRICT;

-- What changed in Prod since …?
CREATE INDEX event_environment ON event (environment, at) WHERE latest;
-- What changed for this service since …?
CREATE INDEX event_service ON event (service, at) WHERE latest;
-- What changed anywhere since …?
CREATE INDEX event_at ON event (at) WHERE latest;
-- What happened to this change, everywhere or in one environment of its service? What was the last
-- on one target?
CREATE INDEX event_change ON event (change, service, environment, tenant, at)
WHERE change IS NOT NULL;
-- Which merges, paths, tokens … are there? Deployments cost nothing here.
CREATE INDEX event_type ON event (type, service) WHERE type <> 'deployment';
-- Which changes were reverted? No other entry costs anything here.
CREATE INDEX event_reverted ON event (service, change) WHERE operation = 'revert' AND latest;
-- Which entries were corrected? No other entry costs anything here.
CREATE INDEX event_corrected ON event (idx) WHERE corrected_by IS NOT NULL;
-- Which event started this deployment? deployment is 8 bytes of a hash of stream and id.
CREATE INDEX event_deployment ON event (deployment) WHERE deployment IS NOT NULL;
-- What happened, by its source's clock, after it was recorded? What was recorded in time costs
-- nothing, here and below: a minute is the least that a policy can allow.
CREATE INDEX event_ahead ON event (service, environment, at, recorded) WHERE at > recorded + 60000;
-- Which deployments were recorded late? The last columns keep rows that are a little late, which may
-- be all of a source's, from being looked at in the table. What is 30 days late is history that was
-- brought in, and costs nothing.
CREATE INDEX event_late ON event
(service, environment, at, recorded, latest, type, trigger_kind)
WHERE recorded > at + 60000 AND recorded < at + 2592000000 AND latest AND type = 'deployment'
    AND trigger_kind IS NOT 'import';
-- Which deployments say that there were others before?
CREATE INDEX event_attempt ON event (service, environment) WHERE attempt > 1 AND latest;
