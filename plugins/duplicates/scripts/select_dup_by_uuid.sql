-- All that have the content of this object, itself among them.
SELECT * FROM duplicates
WHERE sha_256 = (SELECT sha_256 FROM duplicates WHERE uuid_ref = %(uuid_ref)s)
ORDER BY uuid_ref
LIMIT %(limit)s OFFSET %(offset)s
