INSERT INTO languages (uuid_ref, meta_location, data_location, lang)
VALUES (%(uuid_ref)s, %(meta_location)s, %(data_location)s, %(lang)s)
ON CONFLICT (uuid_ref) DO UPDATE SET
  meta_location = excluded.meta_location,
  data_location = excluded.data_location,
  lang = excluded.lang
