-- Two hosts that make one table at once would fail on PostgreSQL's own catalogue.
SELECT pg_advisory_xact_lock(hashtext('sizes'));

CREATE TABLE IF NOT EXISTS sizes (
  uuid_ref      TEXT NOT NULL PRIMARY KEY,
  meta_location TEXT,
  data_location TEXT,
  metadata_size BIGINT,
  data_size     BIGINT,
  created_at    TIMESTAMPTZ DEFAULT now()
);

CREATE INDEX IF NOT EXISTS sizes_data_size_idx ON sizes (data_size);
