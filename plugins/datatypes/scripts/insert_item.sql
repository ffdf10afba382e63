INSERT INTO datatypes (uuid_ref, meta_location, data_location, datatype)
VALUES (%(uuid_ref)s, %(meta_location)s, %(data_location)s, %(datatype)s)
ON CONFLICT (uuid_ref) DO UPDATE SET
  meta_location = excluded.meta_location,
  data_location = excluded.data_location,
  datatype = excluded.datatype
