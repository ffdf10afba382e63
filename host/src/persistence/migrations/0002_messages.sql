-- Messages that wait: those of embedded brokers, and those that are to be
-- tried again where a broker's own topology may not be changed. Times are
-- milliseconds since 1970; an empty text means "none".
CREATE TABLE queue (
    -- In the order they came.
    id TEXT PRIMARY KEY,
    queue TEXT NOT NULL,
    body BYTEA NOT NULL,
    -- The one processor that is to run.
    only_one TEXT NOT NULL,
    -- Counted tries.
    attempt BIGINT NOT NULL,
    -- Where it was first taken from, as JSON.
    origin TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    -- Who works on it, and until when nobody else may.
    lease TEXT NOT NULL,
    leased_until BIGINT NOT NULL
);

CREATE INDEX queue_due ON queue (queue, due_at, id);

-- Messages that were given up, for operators to look into and send again.
CREATE TABLE failures (
    id TEXT PRIMARY KEY,
    pipeline TEXT NOT NULL,
    uuid TEXT NOT NULL,
    body BYTEA NOT NULL,
    only_one TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    origin TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- The processors that failed, as JSON.
    plugins TEXT NOT NULL,
    failed_at BIGINT NOT NULL
);

CREATE INDEX failures_of ON failures (pipeline, id);
