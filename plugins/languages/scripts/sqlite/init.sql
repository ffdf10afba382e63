-- `lang` is null where a text is in no language that is known.
CREATE TABLE IF NOT EXISTS languages (
  uuid_ref      TEXT NOT NULL PRIMARY KEY,
  meta_location TEXT,
  data_location TEXT,
  lang          TEXT,
  created_at    TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

CREATE INDEX IF NOT EXISTS languages_lang_idx ON languages (lang);
