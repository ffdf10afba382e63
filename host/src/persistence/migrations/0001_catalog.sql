-- Times are milliseconds since 1970; an empty text means "none".
CREATE TABLE revision (value BIGINT NOT NULL);
INSERT INTO revision (value) VALUES (0);

-- Everything that was admitted, by digest.
CREATE TABLE components (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    size BIGINT NOT NULL,
    -- What was found in the file, as JSON.
    facts TEXT NOT NULL,
    -- Where it came from, for people.
    source TEXT NOT NULL,
    -- Where its bytes are fetched from when they are not kept here.
    reference TEXT NOT NULL,
    admitted_by TEXT NOT NULL,
    admitted_at BIGINT NOT NULL
);

CREATE TABLE component_bytes (
    digest TEXT PRIMARY KEY REFERENCES components (digest) ON DELETE CASCADE,
    bytes BYTEA NOT NULL
);

-- What each connector runs now.
CREATE TABLE activations (
    connector TEXT PRIMARY KEY,
    digest TEXT NOT NULL REFERENCES components (digest),
    revision BIGINT NOT NULL,
    activated_by TEXT NOT NULL,
    activated_at BIGINT NOT NULL
);

-- What each connector has run.
CREATE TABLE activation_history (
    revision BIGINT PRIMARY KEY,
    connector TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES components (digest),
    how TEXT NOT NULL,
    activated_by TEXT NOT NULL,
    activated_at BIGINT NOT NULL
);
CREATE INDEX activation_history_connector ON activation_history (connector, revision);

-- Upgrades that want more than the version they would replace.
CREATE TABLE pending (
    connector TEXT PRIMARY KEY,
    digest TEXT NOT NULL REFERENCES components (digest),
    difference TEXT NOT NULL,
    revision BIGINT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at BIGINT NOT NULL
);

CREATE TABLE canaries (
    connector TEXT PRIMARY KEY,
    digest TEXT NOT NULL REFERENCES components (digest),
    rules TEXT NOT NULL,
    revision BIGINT NOT NULL,
    started_by TEXT NOT NULL,
    started_at BIGINT NOT NULL
);

-- What a plugin file or the configuration has offered to a connector before,
-- so that a restart does not undo what an operator did since.
CREATE TABLE offers (
    connector TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (connector, digest)
);

-- Who did what, and what became of it.
CREATE TABLE events (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    connector TEXT NOT NULL,
    digest TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX events_connector ON events (connector, id);
