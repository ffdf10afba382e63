INSERT INTO exif (id, uuid, meta_location, data_location, exif, gps, geohash)
VALUES (%(uuid_ref)s, %(uuid_ref)s, %(meta_location)s, %(data_location)s, %(exif)s, %(gps)s, %(geohash)s)
ON CONFLICT (id) DO UPDATE SET
  meta_location = excluded.meta_location,
  data_location = excluded.data_location,
  exif = excluded.exif,
  gps = excluded.gps,
  geohash = excluded.geohash
