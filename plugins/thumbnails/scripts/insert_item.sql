INSERT INTO thumbnails (uuid_ref, meta_location, data_location, hash_digest, thumbnail)
VALUES (%(uuid_ref)s, %(meta_location)s, %(data_location)s, %(hash_digest)s, %(thumbnail)s)
ON CONFLICT (uuid_ref) DO UPDATE SET
  meta_location = excluded.meta_location,
  data_location = excluded.data_location,
  hash_digest = excluded.hash_digest,
  thumbnail = excluded.thumbnail
