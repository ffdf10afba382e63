-- What has been made of the same content is not made again.
INSERT INTO thumbnails (uuid_ref, meta_location, data_location, hash_digest, thumbnail)
SELECT %(uuid_ref)s, %(meta_location)s, %(data_location)s, hash_digest, thumbnail
FROM thumbnails
WHERE hash_digest = %(hash_digest)s AND thumbnail IS NOT NULL
LIMIT 1
ON CONFLICT (uuid_ref) DO UPDATE SET
  meta_location = excluded.meta_location,
  data_location = excluded.data_location,
  hash_digest = excluded.hash_digest,
  thumbnail = excluded.thumbnail
RETURNING length(thumbnail) AS size
