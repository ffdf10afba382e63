INSERT INTO hashes (id, uuid, meta_location, data_location, md5, sha1, sha256)
VALUES (%(uuid_ref)s, %(uuid_ref)s, %(meta_location)s, %(data_location)s, %(md5)s, %(sha1)s, %(sha256)s)
ON CONFLICT (id) DO UPDATE SET
  meta_location = excluded.meta_location,
  data_location = excluded.data_location,
  md5 = excluded.md5,
  sha1 = excluded.sha1,
  sha256 = excluded.sha256
