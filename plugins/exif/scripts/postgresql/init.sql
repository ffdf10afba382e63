-- The columns of the only version of sqAPI that has this table. An `id` is the object's own here, so that a
-- message that comes again finds its row.
-- Two hosts that make one table at once would fail on PostgreSQL's own catalogue.
SELECT pg_advisory_xact_lock(hashtext('exif'));

CREATE TABLE IF NOT EXISTS exif (
  id            TEXT NOT NULL PRIMARY KEY,
  uuid          TEXT NOT NULL,
  meta_location TEXT,
  data_location TEXT,
  exif          JSON,
  gps           JSON,
  geohash       TEXT,
  created_at    TIMESTAMPTZ DEFAULT now()
);

CREATE INDEX IF NOT EXISTS exif_geohash_idx ON exif (geohash);
CREATE INDEX IF NOT EXISTS exif_uuid_idx ON exif (uuid);
