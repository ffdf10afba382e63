CREATE TABLE IF NOT EXISTS thumbnails (
  uuid_ref      TEXT NOT NULL PRIMARY KEY,
  meta_location TEXT,
  data_location TEXT,
  hash_digest   TEXT,
  thumbnail     BLOB,
  created_at    TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

CREATE INDEX IF NOT EXISTS thumbnails_hash_digest_idx ON thumbnails (hash_digest);
