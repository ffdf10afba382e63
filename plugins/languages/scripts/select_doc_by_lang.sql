SELECT * FROM languages
WHERE lang = %(lang)s
ORDER BY uuid_ref
LIMIT %(limit)s OFFSET %(offset)s
