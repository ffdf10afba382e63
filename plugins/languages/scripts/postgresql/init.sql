-- `lang` is null where a text is in no language that is known.
-- Two hosts that make one table at once would fail on PostgreSQL's own catalogue.
SELECT pg_advisory_xact_lock(hashtext('languages'));

CREATE TABLE IF NOT EXISTS languages (
  uuid_ref      TEXT NOT NULL PRIMARY KEY,
  meta_location TEXT,
  data_location TEXT,
  lang          TEXT,
  created_at    TIMESTAMPTZ DEFAULT now()
);

CREATE INDEX IF NOT EXISTS languages_lang_idx ON languages (lang);
