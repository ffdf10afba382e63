-- Two hosts that make one table at once would fail on PostgreSQL's own catalogue.
SELECT pg_advisory_xact_lock(hashtext('thumbnails'));

CREATE TABLE IF NOT EXISTS thumbnails (
  uuid_ref      TEXT NOT NULL PRIMARY KEY,
  meta_location TEXT,
  data_location TEXT,
  hash_digest   TEXT,
  thumbnail     BYTEA,
  created_at    TIMESTAMPTZ DEFAULT now()
);

-- The original's table has no digest at first.
ALTER TABLE thumbnails ADD COLUMN IF NOT EXISTS hash_digest TEXT;

CREATE INDEX IF NOT EXISTS thumbnails_hash_digest_idx ON thumbnails (hash_digest);
