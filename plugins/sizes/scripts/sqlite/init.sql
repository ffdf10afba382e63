CREATE TABLE IF NOT EXISTS sizes (
  uuid_ref      TEXT NOT NULL PRIMARY KEY,
  meta_location TEXT,
  data_location TEXT,
  metadata_size INTEGER,
  data_size     INTEGER,
  created_at    TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

CREATE INDEX IF NOT EXISTS sizes_data_size_idx ON sizes (data_size);
