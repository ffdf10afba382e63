INSERT INTO duplicates (uuid_ref, meta_location, data_location, sha_256)
VALUES (%(uuid_ref)s, %(meta_location)s, %(data_location)s, %(sha_256)s)
ON CONFLICT (uuid_ref) DO UPDATE SET
  meta_location = excluded.meta_location,
  data_location = excluded.data_location,
  sha_256 = excluded.sha_256
