-- The columns of the only version of sqAPI that has this table. An `id` is the object's own here, so that a
-- message that comes again finds its row.
CREATE TABLE IF NOT EXISTS exif (
  id            TEXT NOT NULL PRIMARY KEY,
  uuid          TEXT NOT NULL,
  meta_location TEXT,
  data_location TEXT,
  exif          TEXT,
  gps           TEXT,
  geohash       TEXT,
  created_at    TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

CREATE INDEX IF NOT EXISTS exif_geohash_idx ON exif (geohash);
CREATE INDEX IF NOT EXISTS exif_uuid_idx ON exif (uuid);
