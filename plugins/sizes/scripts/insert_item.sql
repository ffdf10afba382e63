INSERT INTO sizes (uuid_ref, meta_location, data_location, metadata_size, data_size)
VALUES (%(uuid_ref)s, %(meta_location)s, %(data_location)s, %(metadata_size)s, %(data_size)s)
ON CONFLICT (uuid_ref) DO UPDATE SET
  meta_location = excluded.meta_location,
  data_location = excluded.data_location,
  metadata_size = excluded.metadata_size,
  data_size = excluded.data_size
