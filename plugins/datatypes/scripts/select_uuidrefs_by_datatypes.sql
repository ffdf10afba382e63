SELECT * FROM datatypes
WHERE datatype = %(datatype)s
ORDER BY uuid_ref
LIMIT %(limit)s OFFSET %(offset)s
